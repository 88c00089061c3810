import { expect } from 'chai';
import { INNOCENTS } from './innocents.ts';
import { INDIRECT_INNOCENTS } from './indirect-innocents.ts';
import { inspect } from './planted-tool.ts';
import { SLY_INNOCENTS } from './sly-innocents.ts';

describe('code that may leave the monolith', () => {
  for (const { what, files, manifest } of [...INNOCENTS, ...SLY_INNOCENTS, ...INDIRECT_INNOCENTS])
    it(`raises no alarm: ${what}`, async () => {
      const findings = await inspect(files, manifest);
      expect(findings.map((f) => `${f.code} ${f.file}:${f.line} ${f.message}`)).to.deep.equal([]);
    });
});

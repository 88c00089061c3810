import { expect } from 'chai';
import { ACCEPTED } from './accepted.ts';
import { INDIRECT_ACCEPTED } from './indirect-accepted.ts';
import { inspect } from './planted-tool.ts';
import { UNUSUAL_ACCEPTED } from './unusual-accepted.ts';

describe('exportable backend code', () => {
  for (const { what, files, manifest } of [...ACCEPTED, ...UNUSUAL_ACCEPTED, ...INDIRECT_ACCEPTED])
    it(`causes no finding: ${what}`, async () => {
      const findings = await inspect(files, manifest);
      expect(findings.map((f) => `${f.code} ${f.file}:${f.line} ${f.message}`)).to.deep.equal([]);
    });
});

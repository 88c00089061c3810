import { expect } from 'chai';
import { inspectAll, TOOL } from './planted-tool.ts';

describe('files that git ignores', () => {
  it('refuses files that git ignores where code needs them, and names them where they lie in the tool', async () => {
    const findings = await inspectAll({
      gitignore: '*.local.*\nprivate/\nnode_modules/\n',
      files: {
        [`${TOOL}/backend/services/planted.ts`]: `import { key } from './key.local.ts';
import { rate } from '#shared/rates.local';
import { readFile } from 'node:fs/promises';
export const terms = readFile(new URL('../terms.local.txt', import.meta.url), 'utf8');
export const price = async (name: string): Promise<string> =>
  readFile(\`\${import.meta.dirname}/private/\${name}\`, 'utf8');
export const x = key + rate;
`,
        [`${TOOL}/backend/services/key.local.ts`]: `export const key = 1;\n`,
        [`${TOOL}/backend/terms.local.txt`]: 'terms\n',
        [`${TOOL}/backend/services/private/a.txt`]: 'a\n',
        'shared/rates.local.ts': 'export const rate = 2;\n',
        [`${TOOL}/database/seeds/more.local.sql`]: 'SELECT 1;\n',
        [`${TOOL}/node_modules/x/index.js`]: '\n',
        [`${TOOL}/frontend/a.local.ts`]: '\n',
        'tools/other/backend/a.local.ts': '\n',
      },
    });
    expect(findings.map(({ severity, file, line }) => `${severity} ${file} ${line ?? ''}`)).to.deep.equal([
      `error ${TOOL}/backend/services/planted.ts 1`,
      `error ${TOOL}/backend/services/planted.ts 2`,
      `error ${TOOL}/backend/services/planted.ts 4`,
      `error ${TOOL}/backend/services/planted.ts 6`,
      `warning ${TOOL}/database/seeds/more.local.sql `,
    ]);
    expect(new Set(findings.map(({ code }) => code))).to.deep.equal(new Set(['code-ignored-file']));
    expect(findings[0]?.message).to.include(`'./key.local.ts' is ${TOOL}/backend/services/key.local.ts`);
    expect(findings[0]?.remedy).to.include(`git add --force ${TOOL}/backend/services/key.local.ts`);
  });

  it('reports nothing about ignored files once they are committed', async () => {
    const findings = await inspectAll({
      gitignore: '*.local.ts\n!key.local.ts\n',
      files: {
        [`${TOOL}/backend/services/planted.ts`]: `import { key } from './key.local.ts';\nexport const x = key;\n`,
        [`${TOOL}/backend/services/key.local.ts`]: `export const key = 1;\n`,
      },
    });
    expect(findings).to.deep.equal([]);
  });
});

import { expect } from 'chai';
import { layoutOf } from '../../../../exporter/generate/service/layout.ts';
import {
  compilerErrors,
  inToolPaths,
  lintErrors,
  testFailures,
  type GateOutput,
} from '../../../../exporter/steps/backend/gates/gate-output.ts';

const where: GateOutput = {
  copy: '/tmp/export-1a2b-x/crm-api',
  folder: 'apps/crm-api',
  layout: layoutOf({ toolId: 'crm' }),
  host: ['src/server.ts', 'src/host/app.ts', 'tests/host/auth.test.ts'],
};

describe('the output of a gate', () => {
  const NAMES: readonly (readonly [printed: string, shown: string])[] = [
    ['src/routes/a.ts(3,1): error', 'tools/crm/backend/routes/a.ts(3,1): error'],
    ['/tmp/export-1a2b-x/crm-api/src/a.ts\n  3:1  error', 'tools/crm/backend/a.ts\n  3:1  error'],
    ['at file:///tmp/export-1a2b-x/crm-api/src/a.ts:3:1', 'at tools/crm/backend/a.ts:3:1'],
    ['tests/unit/a.test.ts(1,1)', 'tools/crm/tests/unit/a.test.ts(1,1)'],
    ['src/carried/shared/money.ts(1,1)', 'shared/money.ts(1,1)'],
    ['src/host/app.ts(1,1)', 'apps/crm-api/src/host/app.ts(1,1)'],
    ['node_modules/x/src/y.ts', 'node_modules/x/src/y.ts'],
    ['in /tmp/export-1a2b-x/crm-api', 'in apps/crm-api'],
  ];
  for (const [printed, shown] of NAMES)
    it(`names ${shown.split('\n', 1)[0]} where the program names its copy`, () => {
      expect(inToolPaths(printed, where)).to.equal(shown);
    });

  it('begins with the errors that cause others, each once', () => {
    const missing = "src/z.ts(9,9): error TS2307: Cannot find module './gone.ts'.";
    const other = 'src/a.ts(1,1): error TS2322: Type.\n  The types differ.';
    expect(compilerErrors(`${other}\n${missing}\n${other}\n`)).to.equal(`${missing}\n${other}`);
    const many = Array.from({ length: 60 }, (_, i) => `src/a.ts(${i},1): error TS2322: Type.`);
    expect(compilerErrors([...many, missing].join('\n')).split('\n')).to.have.length(41);
    expect(compilerErrors([...many, missing].join('\n'))).to.match(
      /^src\/z\.ts.*[\s\S]*\n\.\.\. 21 more lines$/,
    );
  });

  it('begins with the report of ESLint', () => {
    const report = '/repository/tools/crm/backend/a.ts\n  3:1  error  No.  rule';
    expect(lintErrors(`[plugin][warning]: An option is deprecated.\n\n${report}\n`)).to.equal(report);
    expect(lintErrors('Oops! Something went wrong!')).to.equal('Oops! Something went wrong!');
  });

  it('shows each reason of failing tests once', () => {
    const failure = (n: number): string =>
      `  ${n}) a tool\n       does ${n}:\n\n      AssertionError: no ${Math.ceil(n / 2)}\n      at Context.<anonymous> (src/a.ts:1:1)\n      at process.processTicksAndRejections (node:internal/process/task_queues:104:5)\n\n`;
    const output = `  ..!..\n\n  3 passing (1s)\n  4 failing\n\n${[1, 2, 3, 4].map(failure).join('')}`;
    // The second has the reason of the first, the fourth that of the third
    expect(testFailures(output)).to.equal(
      [
        '1) a tool\n       does 1:\n\n      AssertionError: no 1\n      at Context.<anonymous> (src/a.ts:1:1)',
        '2) a tool\n       does 2:',
        '3) a tool\n       does 3:\n\n      AssertionError: no 2\n      at Context.<anonymous> (src/a.ts:1:1)',
        '4) a tool\n       does 4:',
      ].join('\n'),
    );
    expect(testFailures('SyntaxError: x')).to.equal('SyntaxError: x');
  });
});

import { PlatformError } from '../../../../contracts/errors.ts';
import type { GateName } from '../../../../contracts/gates.ts';
import type { Change } from '../../../../contracts/plan.ts';
import { checksumOf } from '../../../core/file-tree.ts';
import { KEPT_BUILD } from '../../../core/kept-build.ts';
import { LINT_CONFIGS } from '../../../core/lint-of-repository.ts';
import type { Ports } from '../../../core/ports.ts';
import type { Operation } from '../../../core/step.ts';
import type { ServiceLayout } from '../../../generate/service/layout.ts';
import type { BackendFacts } from '../facts.ts';
import { filesOf } from '../files.ts';
import { runGates, type Gates } from '../gates/run-gates.ts';

export type VerifyService = Change<'verify-service', Gates>;

/** Each gate and its tick on the console; `null`: the operation's own tick says it. */
const TICKS: readonly (readonly [GateName, string | null])[] = [
  ['compilation', 'TypeScript compilation successful'],
  ['test-types', null],
  ['lint', 'ESLint passed'],
  ['unit-tests', null],
];

/** Files of the repository that decide the verdicts, besides the service itself. */
const RULES = [...LINT_CONFIGS, 'tsconfig.json'];

/**
 * Checks types, rules and tests of the service in a folder of its own, with its own packages. Node runs `src/` as it is,
 * so what passes here is what serves.
 */
export const verifyService: Operation<VerifyService, BackendFacts> = {
  kind: 'verify-service',
  undoPhase: 'folders',
  plan: (facts) => [
    {
      step: 'backend',
      kind: 'verify-service',
      target: facts.names.apiFolder,
      before: null,
      after: {
        tests: unitTests(Object.keys(facts.backend.files), facts.backend.layout),
        layout: facts.backend.layout,
        host: Object.keys(filesOf(facts, 'host').files),
        imported: checksumOf(filesOf(facts, 'source')),
      },
    },
  ],
  async run(change, ports) {
    const verify = (): Promise<void> => pass(change, ports);
    if (ports.builds === undefined) {
      await verify();
      return;
    }
    const rules = await Promise.all(RULES.map((file) => ports.files.readText(file)));
    const recipe = ['tsc, eslint, mocha', ...change.after.tests, ...rules].join('\0');
    const how = await ports.builds.once({ folder: change.target, recipe }, verify);
    if (how === 'built') return;
    for (const [gate] of TICKS) ports.report.gate({ gate, outcome: 'passed', detail: KEPT_BUILD });
    ports.report.log('info', 'Unchanged since it last passed: not tested again');
  },
  // The gates write to a temporary copy only
  undo: () => Promise.resolve(),
  done: () => 'Unit tests passed',
  undone: () => '',
  wouldUndo: () => '',
  would: () => 'TypeScript config valid',
};

/** Globs of the tests that need no database; tests with a database run with the contract. */
function unitTests(files: readonly string[], { tests }: ServiceLayout): readonly string[] {
  return ['tests/host/', `${tests}unit/`]
    .filter((folder) => files.some((file) => file.startsWith(folder) && file.endsWith('.test.ts')))
    .map((folder) => `${folder}**/*.test.ts`);
}

/** @throws PlatformError `step-failed` with the output of every failing gate. */
async function pass({ target, after }: VerifyService, ports: Ports): Promise<void> {
  const failures = await ports.isolation.within(target, (copy) =>
    runGates({ copy, folder: target, layout: after.layout, host: after.host }, after, ports),
  );
  for (const [gate, tick] of TICKS) {
    const detail = failures.get(gate);
    ports.report.gate(
      detail === undefined ? { gate, outcome: 'passed' } : { gate, outcome: 'failed', detail },
    );
    if (detail === undefined && tick !== null) ports.report.log('success', tick);
  }
  if (failures.size > 0)
    throw new PlatformError(
      'step-failed',
      `${[...failures.values()].join('\n')}\nCorrect what is named in the tool, commit, and export again.`,
    );
}

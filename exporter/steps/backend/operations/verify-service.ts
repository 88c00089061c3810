import path from 'node:path';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { GateName } from '../../../../contracts/gates.ts';
import type { Change } from '../../../../contracts/plan.ts';
import type { Ports } from '../../../core/ports.ts';
import type { Operation } from '../../../core/step.ts';
import { KEPT_BUILD } from '../../../core/kept-build.ts';
import type { BackendFacts } from '../facts.ts';

/** Globs of the tests that need no database. */
export type Gates = { readonly tests: readonly string[] };
export type VerifyService = Change<'verify-service', Gates>;

interface Gate {
  readonly id: GateName;
  /** The subject of the failure message. */
  readonly name: string;
  /** Program below `node_modules/` of the repository, and its arguments. */
  readonly program: readonly [string, ...string[]];
  /** The tick on the console; the last gate's is the operation's own. */
  readonly tick: string | null;
}

const FIRST_LINES = 40;

/**
 * Builds, lints and tests the service with the repository's own tools, at the same time. The build in `dist/` is the
 * one that runs later. The gates write only below the service's folder, so its removal undoes them.
 */
export const verifyService: Operation<VerifyService, BackendFacts> = {
  kind: 'verify-service',
  undoPhase: 'folders',
  plan: ({ names, backend }) => [
    {
      step: 'backend',
      kind: 'verify-service',
      target: names.apiFolder,
      before: null,
      after: { tests: unitTests(Object.keys(backend.files)) },
    },
  ],
  async run(change, ports) {
    const gates = gatesOf(change.after.tests);
    const verify = (): Promise<void> => pass(gates, change.target, ports);
    if (ports.builds === undefined) {
      await verify();
      return;
    }
    const how = await ports.builds.once(
      {
        folder: change.target,
        output: `${change.target}/dist`,
        recipe: JSON.stringify(gates),
        needed: 'server.js',
      },
      verify,
    );
    if (how === 'built') return;
    for (const { id } of gates) ports.report.gate({ gate: id, outcome: 'passed', detail: KEPT_BUILD });
    ports.report.log('info', 'Unchanged since it last passed: reused the kept build');
  },
  async undo(change, ports) {
    await ports.files.removeTree(`${change.target}/dist`);
  },
  done: () => 'Unit tests passed',
  undone: () => '',
  would: () => 'TypeScript config valid',
};

/** Globs of the tests that need no database; tests with a database run with the contract. */
function unitTests(files: readonly string[]): readonly string[] {
  return ['host', 'unit']
    .filter((folder) => files.some((f) => f.startsWith(`tests/${folder}/`) && f.endsWith('.test.ts')))
    .map((folder) => `tests/${folder}/**/*.test.ts`);
}

/** @throws PlatformError `step-failed` with the output of every failing gate. */
async function pass(gates: readonly Gate[], folder: string, ports: Ports): Promise<void> {
  const results = await Promise.all(gates.map((gate) => failureOf(gate, folder, ports)));
  for (const [i, { id, tick }] of gates.entries()) {
    const failure = results[i] ?? null;
    ports.report.gate(
      failure === null ? { gate: id, outcome: 'passed' } : { gate: id, outcome: 'failed', detail: failure },
    );
    if (failure === null && tick !== null) ports.report.log('success', tick);
  }
  const failures = results.filter((failure) => failure !== null);
  if (failures.length > 0)
    throw new PlatformError(
      'step-failed',
      `${failures.join('\n')}\nCorrect what is named in the tool, commit, and export again.`,
    );
}

function gatesOf(tests: readonly string[]): readonly Gate[] {
  return [
    {
      id: 'compilation',
      name: 'TypeScript compilation',
      program: ['typescript/bin/tsc', '-p', 'tsconfig.build.json'],
      tick: 'TypeScript compilation successful',
    },
    {
      id: 'test-types',
      name: 'Type check of the tests',
      program: ['typescript/bin/tsc', '-p', 'tsconfig.json'],
      tick: null,
    },
    { id: 'lint', name: 'ESLint', program: ['eslint/bin/eslint.js', '.'], tick: 'ESLint passed' },
    {
      id: 'unit-tests',
      name: 'Unit tests',
      program: ['mocha/bin/mocha.js', '--reporter=dot', ...tests],
      tick: null,
    },
  ];
}

/** The first lines of a failing program's output; `null` when it passed. */
async function failureOf(gate: Gate, folder: string, ports: Ports): Promise<string | null> {
  const [program, ...args] = gate.program;
  const file = path.join(ports.root, 'node_modules', program);
  const { exitCode, output } = await ports.processes.run(ports.processes.node, [file, ...args], {
    cwd: folder,
  });
  return exitCode === 0 ? null : `${folder}/: ${gate.name} failed (exit ${exitCode}).\n${firstLines(output)}`;
}

const firstLines = (output: string): string => output.trim().split('\n').slice(0, FIRST_LINES).join('\n');

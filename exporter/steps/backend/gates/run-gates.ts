import type { GateName } from '../../../../contracts/gates.ts';
import { lintOfRepository } from '../../../core/lint-of-repository.ts';
import type { Ports, RunResult } from '../../../core/ports.ts';
import type { ServiceLayout } from '../../../generate/service/layout.ts';
import { compilerErrors, inToolPaths, lintErrors, testFailures, type GateOutput } from './gate-output.ts';

/** Input of the gates, decided by the plan. */
export type Gates = {
  /** Globs of the tests that need no database. */
  readonly tests: readonly string[];
  readonly layout: { readonly [K in keyof ServiceLayout]: ServiceLayout[K] };
  /** Paths of generated files. */
  readonly host: readonly string[];
  /** Checksum of the code that is carried over. */
  readonly imported: string;
};

/** What gates found, by gate; a gate that passed has no entry. */
export type Failures = ReadonlyMap<GateName, string>;

/** Runs every gate at the same time, with the service's own programs, in a folder that holds the service alone. */
export async function runGates(
  where: GateOutput,
  { tests, imported }: Pick<Gates, 'tests' | 'imported'>,
  ports: Pick<Ports, 'processes' | 'root' | 'files' | 'builds'>,
): Promise<Failures> {
  const program = (file: string, args: readonly string[]): Promise<RunResult> =>
    ports.processes.run(ports.processes.node, [`${where.copy}/node_modules/${file}`, ...args], {
      cwd: where.copy,
    });
  const [types, lint, own, unit] = await Promise.all([
    program('typescript/bin/tsc', ['-p', 'tsconfig.json']),
    program('eslint/bin/eslint.js', ['.']),
    lintOfRepository({ toolId: where.layout.toolId, folders: ['backend', 'tests'], imported }, ports),
    program('mocha/bin/mocha.js', ['--reporter=dot', ...tests]),
  ]);
  const named = (text: string): string => inToolPaths(text.replaceAll(`${ports.root}/`, ''), where);
  return new Map<GateName, string>([
    ...typeFailures(types).map(
      ([gate, text]) => [gate, `The types are not valid:\n${named(compilerErrors(text))}`] as const,
    ),
    ...[lint, own]
      .filter((result) => result !== null && result.exitCode !== 0)
      .map((result) => ['lint', `ESLint failed:\n${named(lintErrors(result?.output ?? ''))}`] as const),
    ...(unit.exitCode === 0
      ? []
      : [['unit-tests', `Unit tests failed:\n${named(testFailures(unit.output))}`] as const]),
  ]);
}

/** One run of the compiler judges code and tests; an error in a test is one of the tests. */
function typeFailures({ exitCode, output }: RunResult): readonly (readonly [GateName, string])[] {
  if (exitCode === 0) return [];
  const errors = output.trim().split(/\n(?=\S)/);
  const inTests = errors.filter((error) => /^(src\/tool\/)?tests\//.test(error));
  const inCode = errors.filter((error) => !inTests.includes(error));
  return [
    ...(inCode.length === 0 ? [] : [['compilation', inCode.join('\n')] as const]),
    ...(inTests.length === 0 ? [] : [['test-types', inTests.join('\n')] as const]),
  ];
}

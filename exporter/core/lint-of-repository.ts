import type { Ports, RunResult } from './ports.ts';

/** Configuration files of ESLint, by which the repository judges its own code. */
export const LINT_CONFIGS = [
  'eslint.config.js',
  'eslint.config.mjs',
  'eslint.config.ts',
  'eslint.config.cjs',
];

/** Code of a tool in its repository. */
export interface ToolCode {
  readonly toolId: string;
  /** Folders below the tool's that are linted. */
  readonly folders: readonly string[];
  /** Checksum of the code that these folders import. Rules that know types judge by it. */
  readonly imported: string;
}

type LintPorts = Pick<Ports, 'processes' | 'root' | 'files' | 'builds'>;

/** Files of the repository that decide a verdict, besides the rules and the code. */
const TYPE_CONFIGS = ['tsconfig.json', 'monolith/web/tsconfig.json', 'tsconfig.web.json'];

/**
 * Lints folders of a tool by the rules of its own repository: what passes in the monolith passes in an export. A tool
 * that passed is not linted again, for another port, runtime or host either. `null` where the repository has no rules.
 */
export async function lintOfRepository(code: ToolCode, ports: LintPorts): Promise<RunResult | null> {
  const configs = await textsOf(LINT_CONFIGS, ports);
  if (configs.every((text) => text === null)) return null;
  if (ports.builds === undefined) return lint(code, ports);
  const recipe = ['eslint of the repository', code, configs, await textsOf(TYPE_CONFIGS, ports)];
  return ports.builds
    .once({ folder: `tools/${code.toolId}`, recipe: JSON.stringify(recipe) }, async () => {
      const result = await lint(code, ports);
      if (result.exitCode !== 0) throw new LintError(result);
    })
    .then(() => PASSED, resultOf);
}

const PASSED: RunResult = { exitCode: 0, output: '' };

/** Keeps a verdict with findings out of the kept builds. */
class LintError extends Error {
  readonly result: RunResult;
  constructor(result: RunResult) {
    super('ESLint found problems');
    this.result = result;
  }
}

function resultOf(error: unknown): RunResult {
  if (error instanceof LintError) return error.result;
  throw error;
}

const textsOf = (paths: readonly string[], { files }: LintPorts): Promise<readonly (string | null)[]> =>
  Promise.all(paths.map((path) => files.readText(path)));

function lint({ toolId, folders }: ToolCode, { processes, root }: LintPorts): Promise<RunResult> {
  const eslint = `${root}/node_modules/eslint/bin/eslint.js`;
  const args = ['--no-error-on-unmatched-pattern', '--no-warn-ignored'];
  const targets = folders.map((folder) => `tools/${toolId}/${folder}`);
  return processes.run(processes.node, [eslint, ...args, ...targets], { cwd: '.' });
}

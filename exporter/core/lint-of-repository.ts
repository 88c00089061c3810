import type { Ports, RunResult } from './ports.ts';

/** Configuration files of ESLint, by which the repository judges its own code. */
export const LINT_CONFIGS = [
  'eslint.config.js',
  'eslint.config.mjs',
  'eslint.config.ts',
  'eslint.config.cjs',
];

/**
 * Lints folders of a tool by the rules of its own repository: what passes in the monolith passes in an export. `null`
 * where the repository has no rules.
 */
export async function lintOfRepository(
  folders: readonly string[],
  { processes, root, files }: Pick<Ports, 'processes' | 'root' | 'files'>,
): Promise<RunResult | null> {
  const configs = await Promise.all(LINT_CONFIGS.map((config) => files.exists(config)));
  if (!configs.includes(true)) return null;
  const args = ['--no-error-on-unmatched-pattern', '--no-warn-ignored', ...folders];
  return processes.run(processes.node, [`${root}/node_modules/eslint/bin/eslint.js`, ...args], { cwd: '.' });
}

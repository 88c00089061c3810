import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';

export interface AngularBuildResult {
  readonly ok: boolean;
  /** What the compiler said, without colours. */
  readonly output: string;
}

/**
 * Runs the Angular build of `monolith/web` in a process of its own (it takes half a gigabyte, which a server
 * should not keep) at a lower priority than the server that waits for it.
 */
export async function runAngularBuild(
  root: string,
  outputPath: string,
  signal?: AbortSignal,
): Promise<AngularBuildResult> {
  const ng = join(root, 'node_modules', '@angular', 'cli', 'bin', 'ng.js');
  const result = await execa(
    process.execPath,
    [ng, 'build', '--output-path', outputPath, '--progress=false'],
    {
      cwd: join(root, 'monolith', 'web'),
      env: { NG_CLI_ANALYTICS: 'false', NO_COLOR: '1', CI: '1', NODE_OPTIONS: '' },
      reject: false,
      all: true,
      stdin: 'ignore',
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    },
  );
  return { ok: result.exitCode === 0, output: stripVTControlCharacters(result.all) };
}

const ERROR_BLOCK = /(?:^|\n)(?:✘ |X )?\[ERROR\][\s\S]*?(?=\n(?:✘ |X |▲ )?\[(?:ERROR|WARNING)\]|$)/g;

/**
 * Which of `tools` an output of the compiler complains about, each with its part of the output.
 * Errors elsewhere name no tool: leaving tools out would not help.
 */
export function blamedTools(output: string, tools: readonly string[]): Record<string, string> {
  const blamed: Record<string, string> = {};
  for (const [block] of output.matchAll(ERROR_BLOCK)) {
    for (const tool of tools) {
      if (!block.includes(`tools/${tool}/frontend/`)) continue;
      const text = block
        .trim()
        .replace(/^(✘ |X )?\[ERROR\] /, '')
        .slice(0, 4000);
      blamed[tool] = blamed[tool] === undefined ? text : `${blamed[tool]}\n\n${text}`;
    }
  }
  return blamed;
}

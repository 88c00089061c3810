import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { shellOf } from '../../../../templating/roots.ts';

export interface AngularBuildResult {
  readonly ok: boolean;
  /** Output of the compiler without colours. */
  readonly output: string;
}

/**
 * Runs the Angular build of the shell in its own process, which frees its 500 MB afterwards, at a lower
 * priority than the server.
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
      cwd: join(root, shellOf(root)),
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
 * Assigns compiler errors to `tools`, each with its part of the output. Errors elsewhere name no tool, so leaving
 * a tool out would not help.
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

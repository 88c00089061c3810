import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { planWorkspace } from '../../../generators/app/scaffold.ts';
import { writeAll } from '../../../generators/write/journal.ts';
import { SOURCE, type Ran } from './scratch-repository.ts';

/** An empty folder outside any workspace. */
export const scratchFolder = (): string => realpathSync(mkdtempSync(path.join(tmpdir(), 'workspaces-')));

/** `npx generator-platform ...` in a folder, without a terminal. */
export async function generatorPlatform(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const program = path.join(SOURCE, 'generators', 'bin', 'generator-platform.ts');
  const {
    exitCode = -1,
    stdout,
    stderr,
  } = await execa(process.execPath, [program, ...args], {
    cwd,
    env,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
  });
  return { exitCode, stdout, stderr };
}

/** Writes a workspace without a process, and without its packages. */
export async function writeWorkspace(root: string, name = 'Acme'): Promise<void> {
  writeAll(root, await planWorkspace({ name, package: '^1.0.0', example: false }, root));
}

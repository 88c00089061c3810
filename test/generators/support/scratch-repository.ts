import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { findWorkspace } from '../../../templating/roots.ts';

export const SOURCE = findWorkspace(process.cwd());

/** The minimum workspace of the generators: the platform as a dependency, formatter settings, an empty `tools/`. */
export function scratchRepository(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'generator-'));
  chmodSync(root, 0o755);
  mkdirSync(path.join(root, 'tools'));
  writeFileSync(
    path.join(root, 'package.json'),
    '{ "type": "module", "dependencies": { "generator-platform": "*" } }\n',
  );
  for (const name of ['.prettierrc.json', '.gitignore'])
    cpSync(path.join(SOURCE, name), path.join(root, name));
  return root;
}

export const removeRepository = (root: string): void => rmSync(root, { recursive: true, force: true });

/** Every file of a folder with its text. */
export function treeOf(root: string, folder: string): Record<string, string> {
  const base = path.join(root, folder);
  if (!existsSync(base)) return {};
  const files = readdirSync(base, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(base, file), readFileSync(file, 'utf8')]),
  );
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npx create-tool ...` in a repository, without a terminal. */
export async function createTool(
  root: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> {
  const program = path.join(SOURCE, 'generators', 'bin', 'create-tool.ts');
  const {
    exitCode = -1,
    stdout,
    stderr,
  } = await execa(process.execPath, [program, ...args], {
    cwd: root,
    env,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
  });
  return { exitCode, stdout, stderr };
}

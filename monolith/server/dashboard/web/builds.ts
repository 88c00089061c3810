import {
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { compressTexts } from './compress.ts';

/** Description of a build; stored as `build.json` inside it and served at `/web-build.json`. */
export interface WebBuild {
  /** Digest of the inputs. */
  readonly id: string;
  /** Tools with a user interface in the build. */
  readonly tools: readonly string[];
  /** Tools that were left out, with the compiler errors. */
  readonly problems: Readonly<Record<string, string>>;
}

/** Keeps a few older builds, because open pages still load their chunks. */
const KEPT = 3;

/** The served build, or `null`. */
export const currentBuild = (outDir: string): Promise<WebBuild | null> => readBuild(join(outDir, 'current'));

async function readBuild(folder: string): Promise<WebBuild | null> {
  const text = await readFile(join(folder, 'build.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as WebBuild);
}

/** Moves a finished build into place and serves it. */
export async function publishBuild(outDir: string, staging: string, build: WebBuild): Promise<void> {
  const builds = join(outDir, 'builds');
  await mkdir(builds, { recursive: true });
  await compressTexts(staging);
  await writeFile(join(staging, 'build.json'), JSON.stringify(build));
  const folder = join(builds, build.id);
  await rm(folder, { recursive: true, force: true });
  await rename(staging, folder);
  await serveBuild(outDir, folder);
}

/** Serves an earlier build if it still exists; else returns `null`. */
export async function reuseBuild(outDir: string, id: string): Promise<WebBuild | null> {
  const folder = join(outDir, 'builds', id);
  const build = await readBuild(folder);
  if (build !== null) await serveBuild(outDir, folder);
  return build;
}

/** Points `current` at a build atomically, by a rename. */
async function serveBuild(outDir: string, folder: string): Promise<void> {
  const link = join(outDir, `.current-${process.pid}`);
  await rm(link, { force: true });
  await symlink(join('builds', basename(folder)), link);
  await rename(link, join(outDir, 'current'));
  await utimes(folder, new Date(), new Date());
  await removeOldBuilds(outDir);
}

/** Folders of the kept builds, the current one first. */
export async function buildFolders(outDir: string): Promise<readonly string[]> {
  const current = await readlink(join(outDir, 'current')).catch(() => null);
  if (current === null) return [];
  const names = await readdir(join(outDir, 'builds')).catch(() => []);
  const others = names.filter((name) => name !== basename(current));
  return [basename(current), ...others].map((name) => join(outDir, 'builds', name));
}

async function removeOldBuilds(outDir: string): Promise<void> {
  const folders = await buildFolders(outDir);
  const dated = await Promise.all(
    folders.slice(1).map(async (folder) => ({ folder, at: (await stat(folder)).mtimeMs })),
  );
  dated.sort((a, b) => b.at - a.at);
  for (const { folder } of dated.slice(KEPT - 1)) await rm(folder, { recursive: true, force: true });
}

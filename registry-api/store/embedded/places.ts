import { createHash } from 'node:crypto';
import { chown, lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { canEnter, serverAccount, type Account } from './account.ts';
import { copyBinaries, packagedBinaries, type BinariesFolder } from './binaries.ts';

/** Paths of the embedded cluster, all absolute. */
export interface Places {
  readonly account: Account | null;
  readonly binaries: BinariesFolder;
  /** PostgreSQL's data directory, with every symbolic link resolved. */
  readonly data: string;
  readonly passwordFile: string;
  readonly portFile: string;
}

/**
 * Chooses the location of the cluster: the state folder or, where the user that runs PostgreSQL cannot reach it
 * (a clone below a private home), `/var/tmp` with `<stateDir>/postgres` as a link to it. Creates the parent
 * folders, never the data directory. Call it while holding the lock.
 */
export async function findPlaces(stateDir: string): Promise<Places> {
  const account = await serverAccount();
  const packaged = packagedBinaries();
  const passwordFile = passwordFileOf(stateDir);
  await mkdir(path.dirname(passwordFile), { recursive: true, mode: 0o700 });
  const shared = {
    account,
    passwordFile,
    portFile: path.join(stateDir, 'run', 'postgres.port'),
  };
  const entry = path.join(stateDir, 'postgres');
  if (account === null) return { ...shared, binaries: packaged, data: entry };

  const reachable = (await canEnter(account, stateDir)) && !(await isLink(entry));
  const outside = outsideFolder(stateDir);
  const binaries = (await canEnter(account, packaged))
    ? packaged
    : await copyBinaries(packaged, await privateFolder(outside, account));
  if (reachable) return { ...shared, binaries, data: entry };
  const data = path.join(await privateFolder(outside, account), 'data');
  await pointTo(entry, data);
  return { ...shared, binaries, data };
}

export const passwordFileOf = (stateDir: string): string =>
  path.join(stateDir, 'secrets', 'postgres-superuser');

/** One folder per state folder, so that two clones on one machine never share one. */
function outsideFolder(stateDir: string): string {
  const hash = createHash('sha256').update(stateDir).digest('hex').slice(0, 16);
  return path.join('/var/tmp', `generator-platform-${hash}`);
}

/**
 * `/var/tmp` is world-writable, so another user may have planted a folder of this name. The folder is used only
 * if it is a real folder owned by the account and closed to all others.
 */
async function privateFolder(folder: string, account: Account): Promise<string> {
  try {
    await mkdir(folder, { mode: 0o700 });
    await chown(folder, account.uid, account.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== account.uid || (found.mode & 0o077) !== 0)
    throw new Error(
      `${folder} must be a folder of the user "${account.name}" with mode 0700, and is not. Remove it and try again.`,
    );
  return folder;
}

async function isLink(file: string): Promise<boolean> {
  return lstat(file).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

/**
 * A state folder without the link is new: data outside that an earlier state folder of the same path left behind
 * has a lost password, so it is deleted.
 */
async function pointTo(entry: string, data: string): Promise<void> {
  if ((await isLink(entry)) && (await readlink(entry)) === data) return;
  await rm(entry, { force: true });
  await rm(data, { recursive: true, force: true });
  await symlink(data, entry);
}

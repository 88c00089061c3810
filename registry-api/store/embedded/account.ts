import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** The system user that PostgreSQL runs as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The system user to run PostgreSQL as. PostgreSQL refuses to run as root, so root uses `postgres` if the system
 * has that user, else `nobody`. `null` for an ordinary user: PostgreSQL then runs as that user.
 *
 * @throws Error when root finds no such user.
 */
export async function serverAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const account = await lookUp(name);
    if (account !== null && account.uid !== 0) return account;
  }
  throw new Error(
    'PostgreSQL does not run as root, and this system has neither a user "postgres" nor "nobody". ' +
      'Create one (useradd --system postgres), or set DATABASE_URL.',
  );
}

async function lookUp(name: string): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all([exec('id', ['-u', name]), exec('id', ['-g', name])]);
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null; // id exits 1 for a user that does not exist
  }
}

/** Whether the account may enter a folder. Asks the kernel, which knows ACLs and the mode of every parent. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  try {
    await exec('/bin/sh', ['-c', 'cd -- "$1" && test -r .', 'sh', folder], {
      uid: account.uid,
      gid: account.gid,
      cwd: '/',
    });
    return true;
  } catch {
    return false;
  }
}

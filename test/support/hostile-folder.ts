import { execFile } from 'node:child_process';
import { chmod, mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** A folder that cannot be written, for a real reason of the kernel's. */
export interface HostileFolder {
  /** The kernel's word for it, as an error message carries it. */
  readonly says: RegExp;
  /** How a program has to be run to meet it. */
  command(...program: readonly string[]): readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  restore(): Promise<void>;
}

const asIs = (...program: readonly string[]): readonly [string, ...string[]] =>
  program as [string, ...string[]];

/** Makes `folder` full: a file system of its own with no room, or, where nothing can be mounted, a limit on file sizes. */
export async function fillUp(folder: string): Promise<HostileFolder> {
  await mkdir(folder, { recursive: true });
  if (await mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder))
    return {
      says: /ENOSPC.*no space left on device.*The disk is full/s,
      command: asIs,
      env: {},
      async restore() {
        await exec('umount', [folder]);
        await rmdir(folder).catch(() => undefined);
      },
    };
  return {
    says: /EFBIG.*The limit of the file size is reached/s,
    // 8 KiB for every file; the signal that comes with it is ignored, as the shell of a batch job does
    command: (...program) => ['bash', '-c', `trap '' XFSZ; ulimit -f 8; exec "$@"`, 'limited', ...program],
    env: {},
    restore: () => rmdir(folder).catch(() => undefined),
  };
}

/** Makes `folder` read-only: by a mount for root, whom modes do not stop, and by its mode for everybody else. */
export async function makeReadOnly(folder: string): Promise<HostileFolder> {
  if (process.getuid?.() !== 0) {
    await chmod(folder, 0o555);
    return {
      says: /EACCES.*Write permission is missing/s,
      command: asIs,
      env: {},
      restore: () => chmod(folder, 0o755),
    };
  }
  if (await mount('--bind', folder, folder)) {
    await exec('mount', ['-o', 'remount,bind,ro', folder]);
    return {
      says: /EROFS.*read-only file system/s,
      command: asIs,
      env: {},
      restore: () => exec('umount', [folder]).then(() => undefined),
    };
  }
  // Root in a container that may not mount: nothing can be made below what is a file
  await exec('mv', [folder, `${folder}.aside`]);
  await writeFile(folder, '');
  return {
    says: /ENOTDIR|EEXIST/,
    command: asIs,
    env: {},
    async restore() {
      await rm(folder);
      await exec('mv', [`${folder}.aside`, path.resolve(folder)]);
    },
  };
}

async function mount(...args: readonly string[]): Promise<boolean> {
  return exec('mount', [...args]).then(
    () => true,
    () => false,
  );
}

import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Requirement } from './suites.ts';

const run = promisify(execFile);

/** Missing requirements of this machine, and how to install each. */
export type Missing = ReadonlyMap<Requirement, string>;

export async function missingRequirements(searchPath: string): Promise<Missing> {
  const folders = searchPath.split(path.delimiter);
  const has = (...names: string[]): boolean =>
    names.some((name) => folders.some((folder) => isExecutable(path.join(folder, name))));
  const missing = new Map<Requirement, string>();
  // Root starts the engine when a suite asks for it
  const canStart = process.getuid?.() === 0 && has('dockerd');
  if (!canStart && !(await engineAnswers()))
    missing.set('docker', 'the Docker engine does not answer: install docker.io and start it');
  if (!has('nginx')) missing.set('nginx', 'nginx is missing: apt-get install nginx-light');
  if (!has('chromium', 'chromium-browser', 'google-chrome'))
    missing.set('chromium', 'Chromium is missing: apt-get install chromium');
  if (!has('pg_dump') || !hasServer())
    missing.set('postgresql', 'PostgreSQL 15 or newer is missing: apt-get install postgresql');
  if (!(await canMount()))
    missing.set(
      'mount',
      'no file system can be mounted: run the tests as root, in a container with CAP_SYS_ADMIN',
    );
  return missing;
}

/** Asked of the kernel: root in a container may not, either. */
async function canMount(): Promise<boolean> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mount-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    await run('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    await rmdir(folder);
  }
}

async function engineAnswers(): Promise<boolean> {
  return run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 20_000 }).then(
    ({ stdout }) => stdout.trim() !== '',
    () => false,
  );
}

function hasServer(): boolean {
  try {
    return readdirSync('/usr/lib/postgresql').some((version) =>
      isExecutable(`/usr/lib/postgresql/${version}/bin/initdb`),
    );
  } catch {
    return false;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

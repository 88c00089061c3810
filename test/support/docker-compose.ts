import { access, chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';

/** A compose of this machine, and the environment in which it is the one that is used. */
export interface ComposeVersion {
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
}

const CACHE = path.resolve('.platform/cache/docker-config');
const PLUGIN = path.join(CACHE, 'cli-plugins/docker-compose');
const ARCHIVE_TIMEOUT_MS = 120_000;

/**
 * Compose as the plugin of version 2: the machine's own, or Debian's next release of it, unpacked beside the state of
 * the repository and never installed. `null` where neither is to be had.
 */
export async function composePlugin(): Promise<ComposeVersion | null> {
  const own = await versionOf('docker', ['compose'], {});
  if (own !== null) return { version: own, env: {} };
  const env = { DOCKER_CONFIG: CACHE };
  if (!(await exists(PLUGIN))) await fetchPlugin().catch(() => undefined); // no archive in reach: there is none then
  const fetched = await versionOf('docker', ['compose'], env);
  return fetched === null ? null : { version: fetched, env };
}

/** `docker-compose`, the program of version 1, where the machine has it. A plugin that is there too is hidden. */
export async function composeProgram(): Promise<ComposeVersion | null> {
  const version = await versionOf('docker-compose', [], {});
  if (version === null || !version.startsWith('1.')) return null;
  const folder = path.resolve('.platform/cache/docker-without-compose');
  await mkdir(folder, { recursive: true });
  const { stdout } = await execa('which', ['docker']);
  const shim = `#!/bin/sh\n[ "$1" != compose ] || exit 125\nexec ${stdout.trim()} "$@"\n`;
  await writeFile(path.join(folder, 'docker'), shim);
  await chmod(path.join(folder, 'docker'), 0o755);
  const searched = [folder, path.resolve('node_modules/.bin'), process.env['PATH'] ?? ''];
  return { version, env: { PATH: searched.join(path.delimiter) } };
}

async function versionOf(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string | null> {
  const result = await execa(command, [...args, 'version', '--short'], { env, reject: false });
  return result.failed ? null : result.stdout.trim();
}

/** Debian's trixie has the plugin that bookworm lacks. Lists and downloads stay in a folder of their own. */
async function fetchPlugin(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'compose-plugin-'));
  try {
    const keys = (await readdir('/usr/share/keyrings')).find((f) => /archive-trixie-automatic/.test(f));
    if (keys === undefined) return;
    const source = path.join(folder, 'trixie.sources');
    await writeFile(
      source,
      `Types: deb\nURIs: http://deb.debian.org/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/${keys}\n`,
    );
    for (const part of ['lists/partial', 'cache/archives/partial', 'package'])
      await mkdir(path.join(folder, part), { recursive: true });
    const options = Object.entries({
      'Dir::Etc::sourcelist': source,
      'Dir::Etc::sourceparts': '-',
      'Dir::State::lists': path.join(folder, 'lists'),
      'Dir::Cache': path.join(folder, 'cache'),
      'APT::Sandbox::User': 'root',
    }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const run = { cwd: folder, timeout: ARCHIVE_TIMEOUT_MS };
    await execa('apt-get', [...options, 'update', '-qq'], run);
    await execa('apt-get', [...options, 'download', 'docker-compose'], run);
    const archive = (await readdir(folder)).find((file) => file.endsWith('.deb')) ?? '';
    await execa('dpkg', ['-x', archive, 'package'], run);
    const { stdout } = await execa('find', ['package', '-path', '*cli-plugins/docker-compose'], run);
    await mkdir(path.dirname(PLUGIN), { recursive: true });
    await copyFile(path.join(folder, stdout.split('\n')[0] ?? ''), PLUGIN);
    await chmod(PLUGIN, 0o755);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

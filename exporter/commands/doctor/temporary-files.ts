import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { isAlive } from '../../../registry-api/store/lock-file.ts';
import { isolatedPrefix } from '../../adapters/isolation/isolated-prefix.ts';
import type { OrphanedResource, SettledTool } from '../../core/orphans.ts';
import { shellQuote } from '../../core/shell-command.ts';

interface StateFolder {
  readonly root: string;
  readonly settings: Settings;
}

/** Folders below the state folder that adapters use while a job runs. */
const SCRATCH_FOLDERS = ['tmp', 'compose', 'gateway-candidates'];

/** Run files of dead processes and, while no job runs, the scratch files of killed ones. */
export async function findTemporaryFiles({
  root,
  settings,
  idle,
}: StateFolder & { readonly idle: boolean }): Promise<readonly OrphanedResource[]> {
  const state = path.resolve(root, settings.stateDir);
  const found: OrphanedResource[] = [];
  for (const file of await filesIn(path.join(state, 'run')))
    if (await isOfDeadProcess(file)) found.push(removable(root, 'run file of a dead process', file));
  if (idle)
    for (const file of await filesIn(tmpdir()))
      if (path.basename(file).startsWith(isolatedPrefix(root)))
        found.push(removable(root, 'temporary copy of an app', file));
  if (idle)
    for (const folder of SCRATCH_FOLDERS)
      for (const file of await filesIn(path.join(state, folder)))
        found.push(removable(root, 'temporary file', file));
  return found;
}

/**
 * Drafts of a killed process: a file appears whole, because a draft beside it (`x.yml.3907791030`, of a secret
 * `x.<uuid>`) takes its name.
 */
export async function findDrafts({
  root,
  settings,
  tools,
}: StateFolder & { readonly tools: readonly SettledTool[] }): Promise<readonly OrphanedResource[]> {
  if (tools.length === 0) return [];
  const state = path.resolve(root, settings.stateDir);
  const names = tools.map((tool) => tool.names);
  const written = [COMPOSE_FILE, ...names.flatMap((name) => [name.gatewayFile, name.upstreamFile])];
  const secrets = names.flatMap((name) => Object.values(name.secrets));
  const places = [
    ...written.map((file) => ({ kind: 'draft', file: path.join(root, file) })),
    ...secrets.map((name) => ({ kind: 'draft of a password', file: path.join(state, 'secrets', name) })),
  ];
  const found = await Promise.all(
    places.map(async ({ kind, file }) => (await draftsOf(file)).map((draft) => removable(root, kind, draft))),
  );
  return found.flat();
}

const DRAFT = /^\.(\d{4,10}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

async function draftsOf(file: string): Promise<readonly string[]> {
  const siblings = await filesIn(path.dirname(file));
  return siblings.filter((other) => other.startsWith(file) && DRAFT.test(other.slice(file.length)));
}

function removable(root: string, kind: string, file: string): OrphanedResource {
  const relative = path.relative(root, file);
  const short = relative.startsWith('..') ? file : relative;
  return {
    name: `${kind} ${short}`,
    command: `rm -rf ${shellQuote(short)}`,
    remove: () => rm(file, { recursive: true, force: true }),
  };
}

/** `.pid` holds a number, `.json` may hold one called `pid`. */
async function isOfDeadProcess(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = file.endsWith('.pid') ? Number(text.trim()) : pidIn(text);
  return Number.isInteger(pid) && pid > 0 && !isAlive(pid);
}

function pidIn(text: string): number {
  try {
    return Number((JSON.parse(text) as { pid?: unknown } | null)?.pid);
  } catch {
    return Number.NaN;
  }
}

const filesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => [])).map((name) => path.join(folder, name));

import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { ToolId } from '../../../contracts/ids.ts';
import { COMPOSE_FILE, namesOf } from '../../../contracts/naming.ts';
import { shellQuote } from '../../core/shell-command.ts';
import { removeEntry } from '../compose/remove-entry.ts';
import { hasComposeEntry } from '../../generate/infrastructure/compose-text.ts';
import { parseProvenance, PROVENANCE_FILE } from '../../core/provenance.ts';
import { createGatewayPort } from '../../adapters/nginx/gateway.ts';
import type { Leftover, LeftoverPlace } from './leftover.ts';

/** Folders of apps, routes of the gateway, and entries of the compose file: what lies in the user's tree. */
export async function leftInTree(place: LeftoverPlace): Promise<readonly Leftover[]> {
  const { root, settled } = place;
  const apps = await list(path.join(root, 'apps'));
  const compose = await readFile(path.join(root, COMPOSE_FILE), 'utf8').catch(() => '');
  const found: Leftover[] = [];
  for (const toolId of settled) {
    const names = namesOf(toolId);
    for (const folder of [names.apiFolder, names.webFolder])
      if (apps.includes(path.basename(folder))) found.push(await leftFolder(root, folder));
    for (const file of [names.gatewayFile, names.upstreamFile])
      if ((await list(path.join(root, path.dirname(file)))).includes(path.basename(file)))
        found.push(leftRoute(place, file));
    if (hasEntry(compose, toolId)) found.push(leftEntry(place, toolId));
  }
  return found;
}

/** What an export keeps below `.platform/`: how to start a service again, its log, its passwords, half-made trees. */
export async function leftInState(
  place: LeftoverPlace & { readonly idle: boolean },
): Promise<readonly Leftover[]> {
  const { root, settings, settled, idle } = place;
  const state = path.resolve(root, settings.stateDir);
  const found: Leftover[] = [];
  const add = (what: string, file: string): void => {
    const short = path.relative(root, file).startsWith('..') ? file : path.relative(root, file);
    found.push({
      what: `${what} ${short}`,
      command: `rm -rf ${shellQuote(short)}`,
      clear: () => rm(file, { recursive: true, force: true }),
    });
  };
  const names = settled.map(namesOf);
  for (const file of await list(path.join(state, 'run'))) {
    const own = names.some((name) => file === `${name.api}.json`);
    const mark = settled.some((toolId) => file.startsWith(`docker-${toolId}-`));
    if (own || mark) add('run file', path.join(state, 'run', file));
    else if (await isDead(path.join(state, 'run', file)))
      add('run file of a process that is gone', path.join(state, 'run', file));
  }
  const secrets = names.flatMap((name) => Object.values(name.secrets));
  for (const file of await list(path.join(state, 'secrets')))
    if (secrets.includes(file)) add('password', path.join(state, 'secrets', file));
  for (const file of await list(path.join(state, 'logs')))
    if (names.some((name) => file === `${name.api}.log`)) add('log', path.join(state, 'logs', file));
  // While somebody exports, these are at work
  if (idle) {
    for (const folder of ['tmp', 'compose', 'gateway-candidates'])
      for (const file of await list(path.join(state, folder)))
        add('temporary file', path.join(state, folder, file));
    const written = names.flatMap((name) => [name.gatewayFile, name.upstreamFile]);
    for (const file of [COMPOSE_FILE, ...written])
      for (const draft of await draftsOf(path.join(root, file))) add('draft', draft);
    for (const secret of secrets)
      for (const draft of await draftsOf(path.join(state, 'secrets', secret)))
        add('draft of a password', draft);
  }
  return found;
}

/** A file appears whole: a draft beside it (`x.yml.3907791030`, of a secret `x.<uuid>`) takes its name, unless it is killed. */
async function draftsOf(file: string): Promise<readonly string[]> {
  const folder = path.dirname(file);
  const draft = /^\.(\d{4,10}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
  const name = path.basename(file);
  return (await list(folder))
    .filter((other) => other.startsWith(name) && draft.test(other.slice(name.length)))
    .map((other) => path.join(folder, other));
}

async function leftFolder(root: string, folder: string): Promise<Leftover> {
  const text = await readFile(path.join(root, folder, PROVENANCE_FILE), 'utf8').catch(() => '');
  const command = `rm -r ${shellQuote(folder)}`;
  if (parseProvenance(text) === null)
    return {
      what: `folder ${folder}: nothing in it says that an export made it`,
      command,
      clear: null,
    };
  return {
    what: `folder ${folder}, made by an export`,
    command,
    async clear() {
      await rm(path.join(root, folder), { recursive: true, force: true, maxRetries: 3 });
      await rmdir(path.join(root, path.dirname(folder))).catch(() => undefined); // others are in it
    },
  };
}

function leftRoute({ root, settings }: LeftoverPlace, file: string): Leftover {
  return {
    what: `gateway route ${file}`,
    command: `rm ${shellQuote(file)}`,
    async clear() {
      await rm(path.join(root, file), { force: true });
      await createGatewayPort({ root, settings }).reload();
    },
  };
}

function leftEntry(place: LeftoverPlace, toolId: ToolId): Leftover {
  return {
    what: `entry of ${toolId} in ${COMPOSE_FILE}`,
    command: `npx gulp compose:remove --tool-id=${toolId}`,
    async clear() {
      await removeEntry(place, toolId);
    },
  };
}

/** A file that cannot be read as compose is another finding's business. */
function hasEntry(text: string, toolId: ToolId): boolean {
  try {
    return hasComposeEntry(text, toolId);
  } catch {
    return false;
  }
}

/** `.pid` holds a number, `.json` may hold one called `pid`. */
async function isDead(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = file.endsWith('.pid') ? Number(text.trim()) : pidIn(text);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function pidIn(text: string): number {
  try {
    return Number((JSON.parse(text) as { pid?: unknown } | null)?.pid);
  } catch {
    return Number.NaN;
  }
}

const list = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);

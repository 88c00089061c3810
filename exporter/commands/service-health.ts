import { existsSync } from 'node:fs';
import path from 'node:path';
import { COMPOSE_FILE, namesOf } from '../../contracts/naming.ts';
import { parseToolId } from '../../contracts/ids.ts';
import type { Settings } from '../../contracts/settings.ts';
import { authModeOf, TOKEN_AUDIENCE } from '../../contracts/tokens.ts';
import type { Queryable } from '../../registry-api/store/pool.ts';

export type Health = 'ready' | 'not ready' | 'no answer';

const ANSWER_MS = 3_000;

/** Asks an address whether it is ready, for at most three seconds. */
export async function askHealth(url: string): Promise<Health> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => null);
  if (answer === null) return 'no answer';
  return answer.ok ? 'ready' : 'not ready';
}

/** Asks the service of an exported tool. */
export const askService = (serviceUrl: string): Promise<Health> => askHealth(`${serviceUrl}/readyz`);

interface ExportedService {
  readonly toolId: string;
  readonly serviceUrl: string;
}

async function exportedServices(client: Queryable): Promise<readonly ExportedService[]> {
  const { rows } = await client.query<ExportedService>(
    'SELECT tool_id AS "toolId", service_url AS "serviceUrl" FROM tool_registry WHERE is_exported ORDER BY tool_id',
  );
  return rows;
}

/** The services of exported tools that check tokens in another mode than the platform, which may have changed its own. */
export async function servicesInAnotherMode(
  client: Queryable,
  mode: Settings['mode'],
): Promise<readonly (ExportedService & { readonly authMode: string })[]> {
  const asked = await Promise.all(
    (await exportedServices(client)).map(async (row) => ({
      ...row,
      authMode: await authModeAt(row.serviceUrl),
    })),
  );
  return asked.flatMap(({ authMode, ...row }) =>
    authMode === null || authMode === authModeOf(mode) ? [] : [{ ...row, authMode }],
  );
}

/** `null`: no answer, or a service of an earlier version. */
async function authModeAt(serviceUrl: string): Promise<string | null> {
  try {
    const answer = await fetch(`${serviceUrl}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return ((await answer.json()) as { readonly authMode?: string }).authMode ?? null;
  } catch {
    return null;
  }
}

/** The services of all exported tools that are not ready. */
export async function unreadyServices(
  client: Queryable,
): Promise<readonly (ExportedService & { readonly health: Health })[]> {
  const rows = await exportedServices(client);
  const asked = await Promise.all(
    rows.map(async (row) => ({ ...row, health: await askService(row.serviceUrl) })),
  );
  return asked.filter(({ health }) => health !== 'ready');
}

/** Tools whose services were exported before services accepted only tokens of their own. */
export async function servicesWithoutAudience(client: Queryable): Promise<readonly string[]> {
  const { rows } = await client.query<{ toolId: string }>(
    `SELECT tool_id AS "toolId" FROM tool_routes WHERE deployment ->> 'audience' = $1 ORDER BY tool_id`,
    [TOKEN_AUDIENCE],
  );
  return rows.map(({ toolId }) => toolId);
}

/** Where the reason can be read: the log of a local process, or that of the container. */
export function logOf(toolId: string, root: string, { stateDir }: Settings): string {
  const { api } = namesOf(parseToolId(toolId));
  const log = path.join(stateDir, 'logs', `${api}.log`);
  return existsSync(path.resolve(root, log))
    ? `See its log: ${log}`
    : `See its log: docker compose -f ${COMPOSE_FILE} logs ${api}`;
}

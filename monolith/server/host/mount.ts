import { Router } from 'express';
import pg from 'pg';
import { POOL_TIMEOUTS, surviveLostConnections } from '../../../contracts/host/database-pool.ts';
import { offerBody } from '../../../contracts/host/request-body.ts';
import type { Manifest } from '../../../contracts/manifest.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { createToolContext } from './tool-context.ts';
import { answerNotFound, answerToolErrors } from './tool-errors.ts';
import { loadBackend } from './load-backend.ts';
import type { ToolLogin } from './process/messages.ts';
import type { ToolFolder } from './read-tools.ts';

export interface MountOptions {
  readonly logger: ToolLogger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly showDetails: boolean;
}

/** A pool that logs in as the tool's own role. */
export function openToolPool(
  { anyHost, ssl, ...login }: ToolLogin,
  toolId: string,
  logger: ToolLogger,
): pg.Pool {
  const pool = new pg.Pool({
    ...login,
    ssl: anyHost === true && typeof ssl === 'object' ? { ...ssl, checkServerIdentity: () => undefined } : ssl,
    application_name: `tool:${toolId}`,
    max: 8,
    ...POOL_TIMEOUTS,
  });
  surviveLostConnections(pool, (err) => {
    logger.warn({ err }, 'an idle connection was lost');
  });
  return pool;
}

/** Loads the tool's routes from disk, with the JSON body before and error answers behind them. */
export async function mountTool(
  tool: ToolFolder,
  manifest: Manifest,
  db: pg.Pool,
  options: MountOptions,
): Promise<Router> {
  const { logger, showDetails } = options;
  const createRouter = await loadBackend(tool);
  const backend: unknown = createRouter(createToolContext({ ...options, manifest, db }));
  if (typeof backend !== 'function')
    throw new TypeError(`tools/${tool.id}/backend/index.ts: createRouter(context) did not return a router`);
  const router = Router();
  router.use(offerBody());
  router.use(backend as Router);
  router.use(answerNotFound);
  router.use(answerToolErrors({ logger, showDetails }));
  return router;
}

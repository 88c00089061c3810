import type { Request, RequestHandler } from 'express';
import type pg from 'pg';
import type { Router } from 'express';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { sendProblem } from './tool-errors.ts';
import { describeLoadError } from './load-backend.ts';
import { mountTool, openToolPool, type MountOptions } from './mount.ts';
import { findTool, findTools, fingerprint, readManifest, type ToolFolder } from './read-tools.ts';
import { setUpDatabase } from './set-up-database.ts';

export interface ToolHostOptions extends Omit<MountOptions, 'logger'> {
  /** Absolute path of the repository. */
  readonly root: string;
  /** Absolute folder of the secrets. */
  readonly secrets: string;
  /** Pool of the platform's own role, and the address that it uses. */
  readonly admin: pg.Pool;
  readonly url: string;
  /** A logger for one tool. */
  readonly loggerFor: (toolId: string) => ToolLogger;
  /** Whether the tool is exported. */
  readonly isExported: (toolId: string) => boolean;
}

export interface ToolState {
  readonly id: string;
  /** Why the tool is not served; `null` when it is. */
  readonly problem: string | null;
}

/** Runs the backends of the tools in `tools/`. */
export interface ToolHost {
  /** Mount at `/api/tools/:toolId`. Calls `next` for tools without a folder. */
  readonly handler: RequestHandler;
  /**
   * Mounts, reloads or removes tools to match their files: all tools, or the one named. Unchanged tools are not reloaded. A
   * tool that fails to start answers 503 with the reason and does not affect the others. Never throws.
   */
  sync(toolId?: string): Promise<readonly ToolState[]>;
  states(): readonly ToolState[];
  /** Stops serving a tool after a failure outside a request, such as an error in one of its timers. */
  fail(toolId: string, problem: string): void;
  close(): Promise<void>;
}

interface Mounted {
  readonly fingerprint: string;
  readonly pool: pg.Pool | null;
  readonly router: Router | null;
  readonly problem: string | null;
}

export function createToolHost(options: ToolHostOptions): ToolHost {
  const { root } = options;
  const mounted = new Map<string, Mounted>();
  const syncing = new Map<string, Promise<void>>();

  const mountOrReload = async (tool: ToolFolder): Promise<void> => {
    const { id } = tool;
    const before = mounted.get(id);
    // Part of the fingerprint: after a rollback, migrations written in the meantime are applied
    const exported = options.isExported(id);
    const now = `${await fingerprint(tool)} ${exported}`;
    if (before?.fingerprint === now && before.problem === null) return;
    const logger = options.loggerFor(id);
    const started = performance.now();
    let pool = before?.pool ?? null;
    try {
      const manifest = await readManifest(tool);
      const database = await setUpDatabase(tool, manifest, {
        ...options,
        exported,
        seeds: options.showDetails,
      });
      for (const { file, reason } of database.skipped)
        logger.warn({ file, reason }, 'sample rows were skipped: correct or delete their file');
      if (database.missing.length > 0)
        logger.warn(
          { tables: database.missing },
          'the manifest declares tables that no migration creates: an export will refuse',
        );
      // Requests in progress finish on the pool, so a reload keeps it
      pool ??= openToolPool(options.url, id, database, logger);
      const router = await mountTool(tool, manifest, pool, { ...options, logger });
      mounted.set(id, { fingerprint: now, pool, router, problem: null });
      logger.info(
        { ms: Math.round(performance.now() - started), applied: database.applied },
        before ? 'tool reloaded' : 'tool mounted',
      );
    } catch (err) {
      const problem = describeLoadError(root, err);
      if (before?.problem !== problem) logger.error({ err }, `tool does not start: ${problem}`);
      mounted.set(id, { fingerprint: now, pool, router: null, problem });
    }
  };

  const unmount = async (id: string): Promise<void> => {
    const pool = mounted.get(id)?.pool;
    mounted.delete(id);
    await pool?.end();
  };

  // One sync at a time for each tool, so that the second of two sees the result of the first
  const syncOne = (id: string): Promise<void> => {
    const tool = findTool(root, id);
    const next = (syncing.get(id) ?? Promise.resolve())
      .then(() => (tool === null ? unmount(id) : mountOrReload(tool)))
      .catch(async (err: unknown) => {
        // The folder was removed during the sync
        if (findTool(root, id) === null) await unmount(id);
        else options.loggerFor(id).error({ err }, 'tool could not be read');
      });
    syncing.set(id, next);
    return next.finally(() => {
      if (syncing.get(id) === next) syncing.delete(id);
    });
  };

  const handler: RequestHandler = async (req, res, next) => {
    const id = toolIdOf(req);
    // A new tool is mounted by its first request
    if (!mounted.has(id) && findTool(root, id) !== null) await syncOne(id);
    const tool = mounted.get(id);
    if (tool === undefined) next();
    else if (tool.router !== null) tool.router(req, res, next);
    else
      sendProblem(res, {
        status: 503,
        code: 'tool-broken',
        detail: options.showDetails
          ? `The tool "${id}" does not start. ${tool.problem ?? ''}`
          : `The tool "${id}" does not start. The platform's log says why.`,
      });
  };

  const states = (): ToolState[] =>
    [...mounted].map(([id, { problem }]) => ({ id, problem })).sort((a, b) => (a.id < b.id ? -1 : 1));

  return {
    handler,
    states,
    async sync(toolId) {
      const ids = toolId === undefined ? await allIds(root, mounted) : [toolId];
      await Promise.all(ids.map(syncOne));
      return states();
    },
    fail(toolId, problem) {
      const tool = mounted.get(toolId);
      if (tool !== undefined) mounted.set(toolId, { ...tool, router: null, problem });
    },
    async close() {
      await Promise.all(syncing.values());
      await Promise.all([...mounted.keys()].map(unmount));
    },
  };
}

const toolIdOf = (req: Request): string => String(req.params['toolId']);

async function allIds(root: string, mounted: ReadonlyMap<string, unknown>): Promise<readonly string[]> {
  return [...new Set([...(await findTools(root)).map((t) => t.id), ...mounted.keys()])];
}

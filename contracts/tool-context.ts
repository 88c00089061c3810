import type { RequestHandler, Request, Router } from 'express';
import type { Pool } from 'pg';

/** The caller. `permissions` holds `domain:verb` strings; `*` stands for all (development mode). */
export interface Principal {
  readonly subject: string;
  readonly permissions: readonly string[];
}

/** The logger methods that a tool may use (calling convention of pino). */
export interface ToolLogger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
}

/**
 * Everything that the host provides to the backend of a tool. The monolith and the exported service provide the
 * same, so tool code runs unchanged in both.
 */
export interface ToolContext {
  /** A pool whose role can access only the declared tables of the tool. The host opens and closes it. */
  readonly db: Pool;
  readonly logger: ToolLogger;
  /** The variables declared under `env` in the manifest, and no others. */
  readonly config: Readonly<Record<string, string | undefined>>;
  /** Middleware: 401 without a caller, 403 when the caller lacks the permission. */
  requirePermission(permission: string): RequestHandler;
  /** The caller of a request that has passed {@link requirePermission}. */
  principalOf(request: Request): Principal;
}

/**
 * The default export of `backend/index.ts` of a tool. The host mounts the router, parses JSON bodies, and leaves their bytes
 * to a route with a parser of its own, such as `express.raw()`.
 */
export type CreateToolRouter = (context: ToolContext) => Router;

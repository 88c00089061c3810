import type { RequestHandler, Request, Router } from 'express';
import type { Pool } from 'pg';

/** Who is calling. `permissions` holds `domain:verb` strings; `*` stands for all (development mode). */
export interface Principal {
  readonly subject: string;
  readonly permissions: readonly string[];
}

/** The part of a logger that a tool may rely on (pino's calling convention). */
export interface ToolLogger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
}

/**
 * All that a tool's backend may ask of whoever hosts it. The monolith and the exported service both give one,
 * so the same tool code runs in either without a change.
 */
export interface ToolContext {
  /** A pool whose role may use the tool's declared tables and nothing else. The host opens and closes it. */
  readonly db: Pool;
  readonly logger: ToolLogger;
  /** The variables that the manifest declares under `env`, and no others. */
  readonly config: Readonly<Record<string, string | undefined>>;
  /** Middleware that answers 401 without a caller and 403 when the caller lacks the permission. */
  requirePermission(permission: string): RequestHandler;
  /** The caller of a request that has passed {@link requirePermission}. */
  principalOf(request: Request): Principal;
}

/** `backend/index.ts` of a tool exports this as its default. The host mounts the router and parses JSON before it. */
export type CreateToolRouter = (context: ToolContext) => Router;

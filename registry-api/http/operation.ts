import type { Request, Response } from 'express';
import type { PoolClient } from 'pg';
import type { Principal } from '../../contracts/tool-context.ts';

/** Permissions that the registry's own routes ask for. */
export const SCOPES = ['tools:write', 'exports:run', 'webhooks:manage'] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * Who may call: `open` everybody; `read` this machine and every good token; else the token must carry the scope.
 * There is no default: an operation without it does not compile.
 */
export type Access = 'open' | 'read' | Scope;

/** JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
export type Schema = Readonly<Record<string, unknown>>;

/** A request whose parts have passed the operation's schemas. */
export interface ApiRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly header: (name: string) => string | undefined;
  /** Only for operations that ask for a scope. */
  readonly principal: () => Principal;
  readonly raw: Request;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; none for 204 and 304. */
  readonly body?: unknown;
}

export interface ResponseSpec {
  readonly description: string;
  /** Name of a component schema. */
  readonly schema?: string;
  readonly headers?: readonly ('ETag' | 'Location' | 'Idempotency-Replayed')[];
  readonly contentType?: string;
}

interface Common {
  /** `operationId` of the document and name of the client's method. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** OpenAPI notation: `/api/tools/{toolId}`. */
  readonly path: string;
  readonly tag: 'Tools' | 'Exports' | 'Webhooks' | 'System';
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** Properties of the query string; anything else is refused. */
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: BodySpec;
  /** Request headers that matter, for the document. */
  readonly headers?: readonly ('If-Match' | 'If-None-Match' | 'Last-Event-ID')[];
  /** Success responses. Those for errors follow from the rest, and from `problems`. */
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  /** Statuses of errors that are this operation's own. */
  readonly problems?: readonly number[];
}

export interface BodySpec {
  /** Name of a component schema, for the document. */
  readonly schema: string;
  /** An empty body counts as `{}`. */
  readonly optional?: boolean;
  /** Turns the untrusted body into what the handler gets. @throws PlatformError or ManifestError. */
  readonly parse: (body: unknown) => unknown;
}

/** Answers with JSON. */
export interface ReadOperation extends Common {
  readonly kind: 'read';
  readonly handle: (request: ApiRequest) => Promise<Reply>;
}

/**
 * Changes things, inside one transaction: `handle` gets its client. With an `Idempotency-Key`, the answer is
 * kept in the same transaction and given again to a repeated request. `afterwards` runs when all of it is
 * committed; it runs once, not for a replay.
 */
export interface WriteOperation extends Common {
  readonly kind: 'write';
  readonly handle: (request: ApiRequest, client: PoolClient) => Promise<Reply>;
  readonly afterwards?: (request: ApiRequest, reply: Reply) => Promise<void>;
  /** Adds to an answer, a repeated one too, what must not be kept with its key: secrets. */
  readonly complete?: (reply: Reply) => Promise<Reply>;
}

/** Writes to the response itself: event streams, pages, text. */
export interface StreamOperation extends Common {
  readonly kind: 'stream';
  readonly handle: (request: ApiRequest, response: Response) => Promise<void>;
}

export type Operation = ReadOperation | WriteOperation | StreamOperation;

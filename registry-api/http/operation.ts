import type { Request, Response } from 'express';
import type { PoolClient } from 'pg';
import type { Principal } from '../../contracts/tool-context.ts';

/** Permissions that the routes of the registry require. */
export const SCOPES = ['tools:write', 'exports:run', 'webhooks:manage'] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * Who may call: `open` everyone; `read` this machine and every valid token; else a token with the scope.
 * Required, so that no operation is open by accident.
 */
export type Access = 'open' | 'read' | Scope;

/** JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
export type Schema = Readonly<Record<string, unknown>>;

/** A request whose parts match the schemas of the operation. */
export interface ApiRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly header: (name: string) => string | undefined;
  /** Only for operations that require a scope. */
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
  /** `operationId` of the OpenAPI document and method name of the client. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** OpenAPI notation: `/api/tools/{toolId}`. */
  readonly path: string;
  readonly tag: 'Tools' | 'Exports' | 'Webhooks' | 'System';
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** Query parameters; any other is rejected. */
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: BodySpec;
  /** Request headers that the operation reads, for the document. */
  readonly headers?: readonly ('If-Match' | 'If-None-Match' | 'Last-Event-ID')[];
  /** Success responses. Error responses follow from the other fields and from `problems`. */
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  /** Error statuses specific to this operation. */
  readonly problems?: readonly number[];
}

export interface BodySpec {
  /** Name of a component schema, for the document. */
  readonly schema: string;
  /** An empty body counts as `{}`. */
  readonly optional?: boolean;
  /**
   * Parses the untrusted body for the handler; the parameters are those of the address.
   * @throws PlatformError or ManifestError.
   */
  readonly parse: (body: unknown, params: Readonly<Record<string, string>>) => unknown;
}

/** Answers with JSON. */
export interface ReadOperation extends Common {
  readonly kind: 'read';
  readonly handle: (request: ApiRequest) => Promise<Reply>;
}

/**
 * Changes state in one transaction, whose client `handle` receives. With an `Idempotency-Key`, the answer is
 * stored in the same transaction and returned to a repeated request. `afterwards` runs once, after the commit,
 * and not for a replay.
 */
export interface WriteOperation extends Common {
  readonly kind: 'write';
  readonly handle: (request: ApiRequest, client: PoolClient) => Promise<Reply>;
  readonly afterwards?: (request: ApiRequest, reply: Reply) => Promise<void>;
  /** Adds secrets, which must not be stored with the key, to a new or replayed answer. */
  readonly complete?: (reply: Reply) => Promise<Reply>;
}

/** Writes to the response itself: event streams, pages, text. */
export interface StreamOperation extends Common {
  readonly kind: 'stream';
  readonly handle: (request: ApiRequest, response: Response) => Promise<void>;
}

export type Operation = ReadOperation | WriteOperation | StreamOperation;

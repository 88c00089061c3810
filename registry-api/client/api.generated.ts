// Made of the OpenAPI document by `npm run openapi:types`. Not to be edited.

export interface paths {
    readonly "/api/tools/export/jobs/{jobId}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Follow a job as server-sent events
         * @description Events: `log` (a log line; its id is the line’s `seq`), `job` (the job without its lines), `end`. Send `Last-Event-ID` to continue after a line.
         */
        readonly get: operations["jobEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/tools/{toolId}/export": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Start an export */
        readonly post: operations["exportTool"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/tools/export/jobs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List export jobs, newest first */
        readonly get: operations["listJobs"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/tools/export/jobs/{jobId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One job with its steps and log */
        readonly get: operations["getJob"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/tools/export/jobs/{jobId}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Cancel a running export, which then rolls back */
        readonly post: operations["cancelJob"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/tools/export/jobs/{jobId}/rollback": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Roll a job back */
        readonly post: operations["rollbackJob"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/tools": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List tools
         * @description Keyset pagination: concurrent changes neither repeat nor skip another tool.
         */
        readonly get: operations["listTools"];
        readonly put?: never;
        /** Register a tool */
        readonly post: operations["registerTool"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/tools/search": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Search tools, best match first */
        readonly get: operations["searchTools"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/tools/{toolId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One tool */
        readonly get: operations["getTool"];
        /**
         * Replace the manifest of a tool
         * @description `status` moves one state forward or back; `deprecated` is allowed from any. Fields set by an export are kept. Deprecating a tool that others depend on is allowed: the answer lists them under `dependants`.
         */
        readonly put: operations["replaceTool"];
        readonly post?: never;
        /**
         * Delete a tool
         * @description Refused while the tool is exported or has a running job. The history of the tool is kept.
         */
        readonly delete: operations["removeTool"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/tools/{toolId}/history": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Changes of a tool with actor and time, newest first */
        readonly get: operations["toolHistory"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/webhooks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List webhooks */
        readonly get: operations["listWebhooks"];
        readonly put?: never;
        /**
         * Register a webhook
         * @description Deliveries are signed by the Standard Webhooks specification, with the secret that only this answer contains. They are retried for about a day and may arrive more than once. An owner has at most 20 webhooks, to public addresses or the networks of PLATFORM_WEBHOOK_NETWORKS.
         */
        readonly post: operations["createWebhook"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/webhooks/{webhookId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Delete a webhook */
        readonly delete: operations["removeWebhook"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/webhooks/{webhookId}/deliveries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The last 100 deliveries, newest first */
        readonly get: operations["listDeliveries"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/health": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Health of the registry and its database */
        readonly get: operations["health"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/livez": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether the process runs; checks no dependency */
        readonly get: operations["livez"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether the registry accepts requests */
        readonly get: operations["readyz"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Metrics for Prometheus */
        readonly get: operations["metrics"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/.well-known/jwks.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Public keys of the tokens that the platform issues */
        readonly get: operations["jwks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** This document */
        readonly get: operations["openapi"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/docs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Browse this document */
        readonly get: operations["docs"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/docs/{file}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Assets of the API browser */
        readonly get: operations["docsFile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description domain:verb, such as inventory:read. */
        readonly Permission: string;
        /** @description The manifest of a tool. The id is sent as `id` or `toolId`; all fields except id and name have defaults. */
        readonly ManifestInput: {
            readonly $schema?: string;
            /**
             * Tool id
             * @description Kebab-case that starts with a letter, such as task-manager.
             */
            readonly id?: string;
            /**
             * Tool name
             * @description One line of text.
             */
            readonly name: string;
            /**
             * Description
             * @default
             */
            readonly description?: string;
            /**
             * Initial version
             * @description Semantic version, such as 1.0.0.
             * @default 0.1.0
             */
            readonly version?: string;
            /**
             * Status
             * @default alpha
             * @enum {string}
             */
            readonly status?: "alpha" | "beta" | "active" | "deprecated";
            /**
             * Owner
             * @description Team or person to ask.
             * @default
             */
            readonly owner?: string;
            /**
             * Icon
             * @description Name of a Material symbol.
             * @default
             */
            readonly icon?: string;
            /** @description Address in the dashboard: /tools/<id>. */
            readonly route?: string;
            /** @description Address of the API in the monolith: /api/tools/<id>. */
            readonly apiBase?: string;
            readonly databaseSchema?: {
                /** @description The tables that the tool's migrations create, and the tables that other tools share with it. */
                readonly tables: readonly (string | {
                    /** @description Name of a table, or schema.table, on one line. */
                    readonly name: string;
                    /** @description Ids of the tools that may read and write the table. */
                    readonly sharedWith: readonly string[];
                })[];
            };
            readonly endpoints?: readonly {
                /** @enum {string} */
                readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
                /** @description Below apiBase, as Express 5 routes it: /items/:id */
                readonly path: string;
                readonly summary?: string;
                readonly permissions?: readonly components["schemas"]["Permission"][];
            }[];
            readonly permissions?: readonly components["schemas"]["Permission"][];
            readonly env?: readonly {
                /** @description Upper case with underscores, such as SMTP_HOST. */
                readonly name: string;
                /** @default false */
                readonly required?: boolean;
                /** @default false */
                readonly secret?: boolean;
                /** @default  */
                readonly description?: string;
            }[];
            /** @description Other tools that this one calls over HTTP. */
            readonly dependencies?: readonly string[];
            /**
             * Tool id
             * @description Kebab-case that starts with a letter, such as task-manager.
             */
            readonly toolId?: string;
        };
        readonly Tool: {
            /**
             * Tool id
             * @description Kebab-case that starts with a letter, such as task-manager.
             */
            readonly toolId: string;
            /**
             * Tool name
             * @description One line of text.
             */
            readonly name: string;
            /** Description */
            readonly description: string;
            /**
             * Initial version
             * @description Semantic version, such as 1.0.0.
             */
            readonly version: string;
            /**
             * Status
             * @enum {string}
             */
            readonly status: "alpha" | "beta" | "active" | "deprecated";
            /**
             * Owner
             * @description Team or person to ask.
             */
            readonly owner: string;
            /**
             * Icon
             * @description Name of a Material symbol.
             */
            readonly icon: string;
            /** @description Address in the dashboard: /tools/<id>. */
            readonly route: string;
            /** @description Address of the API in the monolith: /api/tools/<id>. */
            readonly apiBase: string;
            readonly databaseSchema: {
                /** @description The tables that the tool's migrations create, and the tables that other tools share with it. */
                readonly tables: readonly (string | {
                    /** @description Name of a table, or schema.table, on one line. */
                    readonly name: string;
                    /** @description Ids of the tools that may read and write the table. */
                    readonly sharedWith: readonly string[];
                })[];
            };
            readonly endpoints: readonly {
                /** @enum {string} */
                readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
                /** @description Below apiBase, as Express 5 routes it: /items/:id */
                readonly path: string;
                readonly summary: string;
                readonly permissions: readonly components["schemas"]["Permission"][];
            }[];
            readonly permissions: readonly components["schemas"]["Permission"][];
            readonly env: readonly {
                /** @description Upper case with underscores, such as SMTP_HOST. */
                readonly name: string;
                /** @default false */
                readonly required: boolean;
                /** @default false */
                readonly secret: boolean;
                /** @default  */
                readonly description: string;
            }[];
            /** @description Other tools that this one calls over HTTP. */
            readonly dependencies: readonly string[];
            readonly isExported: boolean;
            readonly exportedAt: string | null;
            readonly serviceUrl: string | null;
            readonly gatewayUrl: string | null;
            readonly webUrl: string | null;
            readonly databaseName: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            readonly createdAt: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            readonly updatedAt: string;
        };
        readonly ReplacedTool: {
            /**
             * Tool id
             * @description Kebab-case that starts with a letter, such as task-manager.
             */
            readonly toolId: string;
            /**
             * Tool name
             * @description One line of text.
             */
            readonly name: string;
            /** Description */
            readonly description: string;
            /**
             * Initial version
             * @description Semantic version, such as 1.0.0.
             */
            readonly version: string;
            /**
             * Status
             * @enum {string}
             */
            readonly status: "alpha" | "beta" | "active" | "deprecated";
            /**
             * Owner
             * @description Team or person to ask.
             */
            readonly owner: string;
            /**
             * Icon
             * @description Name of a Material symbol.
             */
            readonly icon: string;
            /** @description Address in the dashboard: /tools/<id>. */
            readonly route: string;
            /** @description Address of the API in the monolith: /api/tools/<id>. */
            readonly apiBase: string;
            readonly databaseSchema: {
                /** @description The tables that the tool's migrations create, and the tables that other tools share with it. */
                readonly tables: readonly (string | {
                    /** @description Name of a table, or schema.table, on one line. */
                    readonly name: string;
                    /** @description Ids of the tools that may read and write the table. */
                    readonly sharedWith: readonly string[];
                })[];
            };
            readonly endpoints: readonly {
                /** @enum {string} */
                readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
                /** @description Below apiBase, as Express 5 routes it: /items/:id */
                readonly path: string;
                readonly summary: string;
                readonly permissions: readonly components["schemas"]["Permission"][];
            }[];
            readonly permissions: readonly components["schemas"]["Permission"][];
            readonly env: readonly {
                /** @description Upper case with underscores, such as SMTP_HOST. */
                readonly name: string;
                /** @default false */
                readonly required: boolean;
                /** @default false */
                readonly secret: boolean;
                /** @default  */
                readonly description: string;
            }[];
            /** @description Other tools that this one calls over HTTP. */
            readonly dependencies: readonly string[];
            readonly isExported: boolean;
            readonly exportedAt: string | null;
            readonly serviceUrl: string | null;
            readonly gatewayUrl: string | null;
            readonly webUrl: string | null;
            readonly databaseName: string | null;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            readonly createdAt: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            readonly updatedAt: string;
            /** @description Tools that depend on this tool, which is now deprecated. */
            readonly dependants?: readonly string[];
        };
        readonly Facets: {
            readonly status: {
                readonly [key: string]: number;
            };
            readonly exported: {
                readonly true: number;
                readonly false: number;
            };
            readonly owner: {
                readonly [key: string]: number;
            };
        };
        readonly ToolPage: {
            readonly data: readonly components["schemas"]["Tool"][];
            readonly nextCursor: string | null;
            readonly total: number;
            readonly facets?: components["schemas"]["Facets"];
        };
        readonly HistoryEntry: {
            readonly id: string;
            /** @enum {string} */
            readonly action: "registered" | "updated" | "exported" | "returned" | "removed";
            readonly actor: string;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            readonly at: string;
            readonly before: components["schemas"]["Tool"] | null;
            readonly after: components["schemas"]["Tool"] | null;
        };
        readonly HistoryPage: {
            readonly data: readonly components["schemas"]["HistoryEntry"][];
            readonly nextCursor: string | null;
            readonly total: number;
        };
        readonly ExportRequest: {
            /**
             * @description Check and plan without changing anything.
             * @default false
             */
            readonly dryRun?: boolean;
            /**
             * @default auto
             * @enum {string}
             */
            readonly runtime?: "auto" | "docker" | "local";
            /**
             * @description auto: live where writes can go on while rows are copied, else fenced.
             * @default auto
             * @enum {string}
             */
            readonly cutover?: "auto" | "fenced" | "live";
            /**
             * @description Ignore uncommitted files that the export neither reads nor writes.
             * @default false
             */
            readonly allowDirty?: boolean;
        };
        /** @description How to treat rows that the service has written since the cut-over. With neither option, a rollback that would lose rows is refused, and the log of the job says so. */
        readonly RollbackRequest: {
            /**
             * @description Sync the rows back first.
             * @default false
             */
            readonly bringBack?: boolean;
            /**
             * @description Discard the rows.
             * @default false
             */
            readonly discardWrites?: boolean;
        };
        readonly JobStep: {
            /** @enum {string} */
            readonly id: "preflight" | "backend" | "frontend" | "database" | "infrastructure" | "health";
            readonly title: string;
            /** @enum {string} */
            readonly status: "pending" | "in_progress" | "completed" | "failed" | "skipped" | "rolled_back";
            readonly startedAt: string | null;
            readonly completedAt: string | null;
            readonly ms: number | null;
        };
        readonly JobProgress: {
            /** @enum {string} */
            readonly step: "preflight" | "backend" | "frontend" | "database" | "infrastructure" | "health";
            /**
             * @description Of a live cut-over.
             * @enum {string}
             */
            readonly phase?: "copying" | "catching up" | "waiting" | "switching" | "verifying";
            readonly target: string;
            readonly done: number;
            /** @description 0: unknown. */
            readonly total: number;
            /** @enum {string} */
            readonly unit: "rows" | "bytes" | "files" | "changes";
            /** @description Bytes copied so far. */
            readonly bytes?: number;
            readonly percent: number;
            readonly etaSeconds: number | null;
        };
        readonly ShadowResult: {
            readonly compared: number;
            readonly differing: number;
            /** @description Answers that the monolith itself gives differently each time. */
            readonly unstable: number;
            /** @description Too large, too many at once, or broken off. */
            readonly skipped: number;
        };
        readonly CutoverResult: {
            /** @enum {string} */
            readonly mode: "fenced" | "live";
            /** @description Milliseconds for which writes waited. */
            readonly pauseMs?: number;
            readonly attempts?: number;
            readonly copiedRows?: number | null;
            readonly appliedChanges?: number | null;
            readonly verifiedRows?: number;
            readonly shadow?: components["schemas"]["ShadowResult"];
        };
        readonly ExportSummary: {
            /** @description Name of the tool. */
            readonly name: string;
            readonly serviceUrl: string;
            /** @description Of the API, behind the gateway. */
            readonly gatewayUrl: string;
            readonly webUrl: string;
            readonly databaseName: string | null;
            /** @enum {string} */
            readonly runtime: "docker" | "local";
            /** @enum {string} */
            readonly cutover: "fenced" | "live";
            readonly movedRows: number | null;
            readonly verifiedRows: number | null;
            readonly contractCalls: number | null;
            readonly checksPassed: number;
            readonly checksNotRun: number;
            readonly pauseMs: number | null;
        };
        readonly JobLog: {
            /** @description The event’s id in the stream. */
            readonly seq: number;
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            readonly timestamp: string;
            /** @enum {string} */
            readonly level: "debug" | "info" | "success" | "warning" | "error";
            readonly step: ("preflight" | "backend" | "frontend" | "database" | "infrastructure" | "health") | null;
            readonly message: string;
        };
        readonly Job: {
            /** Format: uuid */
            readonly id: string;
            readonly toolId: string;
            /** @enum {string} */
            readonly status: "pending" | "in_progress" | "completed" | "failed" | "rolled_back" | "cancelled" | "interrupted" | "rollback_failed";
            readonly outcome: ("completed" | "failed" | "cancelled" | "interrupted") | null;
            readonly options: {
                /**
                 * @description Check and plan without changing anything.
                 * @default false
                 */
                readonly dryRun: boolean;
                /**
                 * @default auto
                 * @enum {string}
                 */
                readonly runtime: "auto" | "docker" | "local";
                /**
                 * @description auto: live where writes can go on while rows are copied, else fenced.
                 * @default auto
                 * @enum {string}
                 */
                readonly cutover: "auto" | "fenced" | "live";
                /**
                 * @description Ignore uncommitted files that the export neither reads nor writes.
                 * @default false
                 */
                readonly allowDirty?: boolean;
            };
            /**
             * Format: date-time
             * @description ISO 8601, UTC.
             */
            readonly createdAt: string;
            readonly startedAt: string | null;
            readonly completedAt: string | null;
            readonly finalizedAt: string | null;
            readonly stepsCompleted: number;
            readonly stepsTotal: number;
            readonly steps: readonly components["schemas"]["JobStep"][];
            readonly progress: components["schemas"]["JobProgress"] | null;
            readonly result: {
                readonly cutover: components["schemas"]["CutoverResult"];
                readonly summary?: components["schemas"]["ExportSummary"];
            } | null;
            readonly error: {
                readonly code: string;
                readonly message: string;
                readonly step: ("preflight" | "backend" | "frontend" | "database" | "infrastructure" | "health") | null;
            } | null;
            readonly actor: string;
            readonly cancelledBy: string | null;
            readonly rollback: {
                readonly actor: string;
                /**
                 * Format: date-time
                 * @description ISO 8601, UTC.
                 */
                readonly requestedAt: string;
                readonly endedAt: string | null;
                readonly refusal: string | null;
            } | null;
            /** @description Changes that are made and not undone. */
            readonly openChanges: number;
            readonly logs: readonly components["schemas"]["JobLog"][];
        };
        readonly JobPage: {
            readonly data: readonly components["schemas"]["Job"][];
            readonly nextCursor: string | null;
            readonly total: number;
        };
        readonly Problem: {
            readonly type: string;
            readonly title: string;
            readonly status: number;
            readonly detail: string;
            readonly instance: string;
            /** @description Stable error code for programs. */
            readonly code: string;
            readonly errors: readonly {
                /** @description JSON pointer (RFC 6901). */
                readonly pointer: string;
                readonly message: string;
            }[];
        };
        readonly Health: {
            readonly status: string;
            readonly service?: string;
            readonly version?: string;
            readonly database?: string;
            readonly reason?: string;
        };
        readonly OpenApi: {
            readonly openapi: string;
            readonly info: Record<string, never>;
            readonly paths: Record<string, never>;
        };
        readonly KeySet: {
            readonly keys: readonly {
                readonly kty: string;
                readonly crv: string;
                readonly x: string;
                readonly y: string;
                readonly kid: string;
                readonly alg: string;
                readonly use: string;
            }[];
        };
        readonly WebhookInput: {
            /** @description https, or http in development mode. */
            readonly url: string;
            /** @description `*` means all events. */
            readonly events: readonly ("*" | "tool.registered" | "tool.updated" | "tool.exported" | "tool.returned" | "tool.removed" | "export.pending" | "export.in_progress" | "export.completed" | "export.failed" | "export.rolled_back" | "export.cancelled" | "export.interrupted" | "export.rollback_failed")[];
        };
        readonly Webhook: {
            /** Format: uuid */
            readonly id: string;
            readonly url: string;
            readonly events: readonly ("*" | "tool.registered" | "tool.updated" | "tool.exported" | "tool.returned" | "tool.removed" | "export.pending" | "export.in_progress" | "export.completed" | "export.failed" | "export.rolled_back" | "export.cancelled" | "export.interrupted" | "export.rollback_failed")[];
            /** Format: date-time */
            readonly createdAt: string;
        };
        readonly NewWebhook: {
            /** Format: uuid */
            readonly id: string;
            readonly url: string;
            readonly events: readonly ("*" | "tool.registered" | "tool.updated" | "tool.exported" | "tool.returned" | "tool.removed" | "export.pending" | "export.in_progress" | "export.completed" | "export.failed" | "export.rolled_back" | "export.cancelled" | "export.interrupted" | "export.rollback_failed")[];
            /** Format: date-time */
            readonly createdAt: string;
            /** @description Returned only once. */
            readonly secret: string;
        };
        readonly WebhookPage: {
            readonly data: readonly components["schemas"]["Webhook"][];
            readonly nextCursor: string | null;
            readonly total: number;
        };
        readonly Delivery: {
            /** @description The `webhook-id` of its requests. */
            readonly id: string;
            readonly event: string;
            /** Format: date-time */
            readonly createdAt: string;
            readonly attempts: number;
            readonly deliveredAt: string | null;
            /** @description null: delivered or given up. */
            readonly nextAttemptAt: string | null;
            readonly lastProblem: string | null;
        };
        readonly DeliveryPage: {
            readonly data: readonly components["schemas"]["Delivery"][];
            readonly nextCursor: string | null;
            readonly total: number;
        };
    };
    responses: {
        /** @description Bad Request */
        readonly BadRequest: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Unauthorized */
        readonly Unauthorized: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Forbidden */
        readonly Forbidden: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not Found */
        readonly NotFound: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Conflict */
        readonly Conflict: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Precondition Failed */
        readonly PreconditionFailed: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Payload Too Large */
        readonly PayloadTooLarge: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Unsupported Media Type */
        readonly UnsupportedMediaType: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Unprocessable Entity */
        readonly UnprocessableEntity: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too Many Requests */
        readonly TooManyRequests: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Service Unavailable */
        readonly ServiceUnavailable: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly jobEvents: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Id of the last event received: the stream continues after it. */
                readonly "Last-Event-ID"?: string;
            };
            readonly path: {
                readonly jobId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The stream. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly exportTool: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Repeating a request with the same key returns the first answer again, for one day. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                readonly toolId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["ExportRequest"];
            };
        };
        readonly responses: {
            /** @description Accepted; the job reports its progress. */
            readonly 202: {
                headers: {
                    /** @description Address of the created resource. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Job"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["PayloadTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["UnprocessableEntity"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly listJobs: {
        readonly parameters: {
            readonly query?: {
                readonly toolId?: string;
                readonly status?: "pending" | "in_progress" | "completed" | "failed" | "rolled_back" | "cancelled" | "interrupted" | "rollback_failed";
                /** @description How the export itself ended: "failed" finds exports that were rolled back after a failure, too. */
                readonly outcome?: "completed" | "failed" | "cancelled" | "interrupted";
                /** @description Part of the tool’s id, the actor or the error. */
                readonly q?: string;
                readonly limit?: number;
                /** @description `nextCursor` of the previous page. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of jobs, without their log lines. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["JobPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly getJob: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly jobId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The job. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Job"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly cancelJob: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Repeating a request with the same key returns the first answer again, for one day. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                readonly jobId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Cancellation requested. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Job"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly rollbackJob: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Repeating a request with the same key returns the first answer again, for one day. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                readonly jobId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["RollbackRequest"];
            };
        };
        readonly responses: {
            /** @description Accepted; the job reports its progress. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Job"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["PayloadTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["UnprocessableEntity"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly listTools: {
        readonly parameters: {
            readonly query?: {
                /** @description One or more statuses. */
                readonly status?: readonly ("alpha" | "beta" | "active" | "deprecated")[];
                /** @description Only tools that are (not) exported. */
                readonly exported?: boolean;
                readonly owner?: string;
                /** @description Words of name, id or description; tolerates typos. */
                readonly q?: string;
                /** @description Only tools that depend on this tool. */
                readonly dependsOn?: string;
                /** @description A leading `-` reverses the order. */
                readonly sort?: "name" | "-name" | "toolId" | "-toolId" | "status" | "-status" | "createdAt" | "-createdAt" | "updatedAt" | "-updatedAt";
                readonly limit?: number;
                /** @description `nextCursor` of the previous page. */
                readonly cursor?: string;
                /** @description Also count the matches by status, export and owner. */
                readonly facets?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of tools. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ToolPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly registerTool: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Repeating a request with the same key returns the first answer again, for one day. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ManifestInput"];
            };
        };
        readonly responses: {
            /** @description Registered. */
            readonly 201: {
                headers: {
                    /** @description Changes with every change of the tool. */
                    readonly ETag?: string;
                    /** @description Address of the created resource. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Tool"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["PayloadTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["UnprocessableEntity"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly searchTools: {
        readonly parameters: {
            readonly query?: {
                /** @description Words of name, id or description; tolerates typos. */
                readonly q?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The best matches, on one page. `total` is at most 1,000. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ToolPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly getTool: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description ETags that the caller has cached: 304 when one is current. */
                readonly "If-None-Match"?: string;
            };
            readonly path: {
                readonly toolId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The tool. */
            readonly 200: {
                headers: {
                    /** @description Changes with every change of the tool. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Tool"];
                };
            };
            /** @description The cached version is current. */
            readonly 304: {
                headers: {
                    /** @description Changes with every change of the tool. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly replaceTool: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The ETag of the version that the caller has read. Any other version is answered with 412. */
                readonly "If-Match"?: string;
                /** @description Repeating a request with the same key returns the first answer again, for one day. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                readonly toolId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ManifestInput"];
            };
        };
        readonly responses: {
            /** @description The updated tool. */
            readonly 200: {
                headers: {
                    /** @description Changes with every change of the tool. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ReplacedTool"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 412: components["responses"]["PreconditionFailed"];
            readonly 413: components["responses"]["PayloadTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["UnprocessableEntity"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly removeTool: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The ETag of the version that the caller has read. Any other version is answered with 412. */
                readonly "If-Match"?: string;
                /** @description Repeating a request with the same key returns the first answer again, for one day. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                readonly toolId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Deleted. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 412: components["responses"]["PreconditionFailed"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly toolHistory: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                /** @description `nextCursor` of the previous page. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly toolId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of changes. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["HistoryPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly listWebhooks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All webhooks. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly createWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Repeating a request with the same key returns the first answer again, for one day. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WebhookInput"];
            };
        };
        readonly responses: {
            /** @description Registered. */
            readonly 201: {
                headers: {
                    /** @description Address of the created resource. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewWebhook"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 409: components["responses"]["Conflict"];
            readonly 413: components["responses"]["PayloadTooLarge"];
            readonly 415: components["responses"]["UnsupportedMediaType"];
            readonly 422: components["responses"]["UnprocessableEntity"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly removeWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Repeating a request with the same key returns the first answer again, for one day. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                readonly webhookId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Deleted. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 409: components["responses"]["Conflict"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly listDeliveries: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly webhookId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Deliveries. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeliveryPage"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly health: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Yes. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
            /** @description No. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    readonly livez: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Yes. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
            /** @description No. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    readonly readyz: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Yes. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
            /** @description No. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    readonly metrics: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The text format of Prometheus. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 503: components["responses"]["ServiceUnavailable"];
        };
    };
    readonly jwks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A JSON Web Key Set. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["KeySet"];
                };
            };
        };
    };
    readonly openapi: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OpenAPI 3.1. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OpenApi"];
                };
            };
        };
    };
    readonly docs: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description An HTML page. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
        };
    };
    readonly docsFile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly file: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A script, a style sheet or an icon. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "*/*": string;
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 404: components["responses"]["NotFound"];
        };
    };
}

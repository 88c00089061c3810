import type { Job, JobOptions } from '../contracts/job.ts';
import type { ToolStatus } from '../contracts/manifest.ts';
import type { Page, RegistryTool } from '../contracts/tool.ts';
import type { components, operations } from './client/api.generated.ts';
import { createCall, type RegistryClientOptions } from './client/call.ts';

export type { RegistryClientOptions } from './client/call.ts';

type Schemas = components['schemas'];
type QueryOf<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>;

/** Filters of `list`; `status` takes one status or a list. */
export type ListQuery = Omit<QueryOf<'listTools'>, 'status'> & {
  readonly status?: ToolStatus | readonly ToolStatus[];
};

/** A tool with the ETag to send back as `ifMatch`. */
export interface TaggedTool {
  readonly tool: RegistryTool;
  readonly etag: string;
}

/**
 * The registry over HTTP, typed from its OpenAPI document. Every method throws a PlatformError:
 * `registry-unreachable` when the registry does not answer, else the code, message and problems of its answer.
 */
export interface RegistryClient {
  /** The registry validates `manifest` and lists all its problems. */
  register(manifest: unknown, options?: { readonly idempotencyKey?: string }): Promise<TaggedTool>;
  get(toolId: string): Promise<TaggedTool>;
  list(query?: ListQuery): Promise<Page<RegistryTool> & Pick<Schemas['ToolPage'], 'facets'>>;
  search(q: string, limit?: number): Promise<Page<RegistryTool>>;
  update(
    toolId: string,
    manifest: unknown,
    options?: { readonly ifMatch?: string },
  ): Promise<TaggedTool & { readonly dependants: readonly string[] }>;
  remove(toolId: string, options?: { readonly ifMatch?: string }): Promise<void>;
  history(toolId: string, query?: QueryOf<'toolHistory'>): Promise<Page<Schemas['HistoryEntry']>>;
  startExport(
    toolId: string,
    options?: Partial<JobOptions> & { readonly idempotencyKey?: string },
  ): Promise<Job>;
  jobs(query?: QueryOf<'listJobs'>): Promise<Page<Job>>;
  job(jobId: string): Promise<Job>;
  cancel(jobId: string): Promise<Job>;
  rollback(jobId: string, options?: Schemas['RollbackRequest']): Promise<Job>;
}

export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const call = createCall(options);
  return {
    register: async (manifest, { idempotencyKey } = {}) => {
      const headers = { 'Idempotency-Key': idempotencyKey };
      return tagged(
        await call('post', '/api/tools', { body: manifest as Schemas['ManifestInput'], headers }),
      );
    },
    get: async (toolId) => tagged(await call('get', '/api/tools/{toolId}', { path: { toolId } })),
    list: async ({ status, ...query } = {}) => {
      const states = status === undefined ? {} : { status: [status].flat() };
      return (await call('get', '/api/tools', { query: { ...query, ...states } })).body;
    },
    search: async (q, limit) =>
      (await call('get', '/api/tools/search', { query: { q, ...(limit !== undefined && { limit }) } })).body,
    update: async (toolId, manifest, { ifMatch } = {}) => {
      const { body, etag } = await call('put', '/api/tools/{toolId}', {
        path: { toolId },
        body: manifest as Schemas['ManifestInput'],
        headers: { 'If-Match': ifMatch },
      });
      const { dependants = [], ...tool } = body;
      return { tool, etag, dependants };
    },
    remove: async (toolId, { ifMatch } = {}) => {
      await call('delete', '/api/tools/{toolId}', { path: { toolId }, headers: { 'If-Match': ifMatch } });
    },
    history: async (toolId, query = {}) =>
      (await call('get', '/api/tools/{toolId}/history', { path: { toolId }, query })).body,
    startExport: async (toolId, { idempotencyKey, ...body } = {}) => {
      const headers = { 'Idempotency-Key': idempotencyKey };
      return (await call('post', '/api/tools/{toolId}/export', { path: { toolId }, body, headers })).body;
    },
    jobs: async (query = {}) => (await call('get', '/api/tools/export/jobs', { query })).body,
    job: async (jobId) => (await call('get', '/api/tools/export/jobs/{jobId}', { path: { jobId } })).body,
    cancel: async (jobId) =>
      (await call('post', '/api/tools/export/jobs/{jobId}/cancel', { path: { jobId } })).body,
    rollback: async (jobId, body = {}) =>
      (await call('post', '/api/tools/export/jobs/{jobId}/rollback', { path: { jobId }, body })).body,
  };
}

const tagged = ({ body, etag }: { body: RegistryTool; etag: string }): TaggedTool => ({ tool: body, etag });

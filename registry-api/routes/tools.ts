import {
  parseManifest,
  ManifestError,
  TOOL_STATUSES,
  type Manifest,
  type Problem,
} from '../../contracts/manifest.ts';
import { toolIdProblem } from '../../contracts/ids.ts';
import { PlatformError } from '../../contracts/errors.ts';
import { etagOf, ifMatch, isFresh } from '../http/etag.ts';
import type { Operation, Reply } from '../http/operation.ts';
import { listHistory } from '../store/history.ts';
import { count, facetsOf, NO_FACETS } from '../store/facets.ts';
import { matching, type ToolFilter } from '../store/tool-filter.ts';
import { listTools, TOOL_SORTS, type PageRequest } from '../store/tool-list.ts';
import { searchTools } from '../store/tool-search.ts';
import type { StoredTool } from '../store/tool-row.ts';
import { deleteTool, dependantsOf, getTool, insertTool, notFound, updateTool } from '../store/tools.ts';
import type { RegistryServices } from '../services.ts';

const FILTERS = {
  status: { type: 'array', items: { enum: TOOL_STATUSES }, maxItems: 4, description: 'One or more states.' },
  exported: { type: 'boolean', description: 'Only tools that have (not) moved out.' },
  owner: { type: 'string', maxLength: 100 },
  q: { type: 'string', maxLength: 200, description: 'Words of name, id or description; forgives typos.' },
  dependsOn: { type: 'string', maxLength: 50, description: 'Only tools that call this one.' },
};
const PAGE = {
  limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  cursor: { type: 'string', maxLength: 1000, description: '`nextCursor` of the page before.' },
};

/** The registry of tools. */
export function toolOperations({ pool, totals }: RegistryServices): readonly Operation[] {
  return [
    {
      id: 'registerTool',
      kind: 'write',
      method: 'post',
      path: '/api/tools',
      tag: 'Tools',
      summary: 'Register a tool',
      access: 'tools:write',
      body: { schema: 'ManifestInput', parse: (body) => manifestOf(body) },
      responses: { 201: { description: 'Registered.', schema: 'Tool', headers: ['ETag', 'Location'] } },
      problems: [409],
      handle: async (request, client) => {
        const stored = await insertTool(client, request.body as Manifest);
        return {
          ...replyWith(stored, 201),
          headers: { ETag: etagOf(stored.revision), Location: `/api/tools/${stored.tool.toolId}` },
        };
      },
      afterwards: () => totals.forgetLater(),
    },
    {
      id: 'listTools',
      kind: 'read',
      method: 'get',
      path: '/api/tools',
      tag: 'Tools',
      summary: 'List tools',
      description: 'Pages by keyset: tools that come or go meanwhile make no other one repeat or go missing.',
      access: 'read',
      query: {
        ...FILTERS,
        sort: {
          type: 'string',
          enum: TOOL_SORTS,
          default: 'name',
          description: 'A leading `-` turns the order round.',
        },
        ...PAGE,
        facets: {
          type: 'boolean',
          default: false,
          description: 'Also count the matches by status, export and owner.',
        },
      },
      responses: { 200: { description: 'A page of tools.', schema: 'ToolPage' } },
      handle: async ({ query }) => {
        const request = query as unknown as PageRequest & ToolFilter & { facets: boolean };
        const where = await matching(pool, request);
        if (where === null) {
          const none = { data: [], nextCursor: null, total: 0 };
          return { status: 200, body: request.facets ? { ...none, facets: NO_FACETS } : none };
        }
        const [page, facets, counted] = await Promise.all([
          listTools(pool, where, request),
          request.facets ? totals.facets(request, () => facetsOf(pool, where)) : undefined,
          request.facets ? 0 : totals.count(request, () => count(pool, where)),
        ]);
        // every tool is exported or not: whoever has the facets has counted
        const total = facets === undefined ? counted : facets.exported.true + facets.exported.false;
        return { status: 200, body: { ...page, total, ...(facets && { facets }) } };
      },
    },
    {
      id: 'searchTools',
      kind: 'read',
      method: 'get',
      path: '/api/tools/search',
      tag: 'Tools',
      summary: 'Search tools, best match first',
      access: 'read',
      query: { q: FILTERS.q, limit: { ...PAGE.limit, default: 20 } },
      responses: {
        200: {
          description: 'The best matches, on one page. `total` counts a thousand at most.',
          schema: 'ToolPage',
        },
      },
      handle: async ({ query }) => {
        const { q = '', limit } = query as { q?: string; limit: number };
        return { status: 200, body: await searchTools(pool, { q, limit }) };
      },
    },
    {
      id: 'getTool',
      kind: 'read',
      method: 'get',
      path: '/api/tools/{toolId}',
      tag: 'Tools',
      summary: 'One tool',
      access: 'read',
      headers: ['If-None-Match'],
      responses: {
        200: { description: 'The tool.', schema: 'Tool', headers: ['ETag'] },
        304: { description: 'The caller has this version already.', headers: ['ETag'] },
      },
      problems: [404],
      handle: async ({ params, header }) => {
        const stored = await getTool(pool, params['toolId'] ?? '');
        const headers = { ETag: etagOf(stored.revision), 'Cache-Control': 'no-cache' };
        if (isFresh(header('if-none-match'), stored.revision)) return { status: 304, headers };
        return { status: 200, headers, body: stored.tool };
      },
    },
    {
      id: 'replaceTool',
      kind: 'write',
      method: 'put',
      path: '/api/tools/{toolId}',
      tag: 'Tools',
      summary: 'Replace what the manifest says of a tool',
      description:
        'Status moves one state forward or back; `deprecated` is open from any. What an export has recorded stays. ' +
        'Deprecating a tool that others depend on is allowed: the answer lists them under `dependants`.',
      access: 'tools:write',
      headers: ['If-Match'],
      body: { schema: 'ManifestInput', parse: (body) => body },
      responses: {
        200: { description: 'The tool as it is now.', schema: 'ReplacedTool', headers: ['ETag'] },
      },
      problems: [404, 412],
      handle: async ({ params, header, body }, client) => {
        const manifest = manifestOf(body, params['toolId'] ?? '');
        const { before, ...stored } = await updateTool(client, manifest, ifMatch(header('if-match')));
        const reply = replyWith(stored, 200);
        if (manifest.status !== 'deprecated' || before.status === 'deprecated') return reply;
        return { ...reply, body: { ...stored.tool, dependants: await dependantsOf(client, manifest.id) } };
      },
      afterwards: () => totals.forgetLater(),
    },
    {
      id: 'removeTool',
      kind: 'write',
      method: 'delete',
      path: '/api/tools/{toolId}',
      tag: 'Tools',
      summary: 'Forget a tool',
      description: 'Refused while the tool is exported or a job of it runs. Its history stays.',
      access: 'tools:write',
      headers: ['If-Match'],
      responses: { 204: { description: 'Forgotten.' } },
      problems: [404, 409, 412],
      handle: async ({ params, header }, client) => {
        await deleteTool(client, params['toolId'] ?? '', ifMatch(header('if-match')));
        return { status: 204 };
      },
      afterwards: () => totals.forgetLater(),
    },
    {
      id: 'toolHistory',
      kind: 'read',
      method: 'get',
      path: '/api/tools/{toolId}/history',
      tag: 'Tools',
      summary: 'Who changed a tool, what and when; newest first',
      access: 'read',
      query: PAGE,
      responses: { 200: { description: 'A page of changes.', schema: 'HistoryPage' } },
      problems: [404],
      handle: async ({ params, query }) => {
        const toolId = params['toolId'] ?? '';
        const { limit, cursor } = query as { limit: number; cursor?: string };
        const page = await listHistory(pool, { toolId, limit, ...(cursor !== undefined && { cursor }) });
        if (page === null) throw notFound(toolId);
        return { status: 200, body: page };
      },
    },
  ];
}

const replyWith = (stored: StoredTool, status: number): Reply => ({
  status,
  headers: { ETag: etagOf(stored.revision) },
  body: stored.tool,
});

/**
 * The manifest in a body, whose id may be called `toolId` as well. With `toolId` given (PUT), the body may leave
 * its id out and must not name another.
 *
 * @throws ManifestError with every problem; pointers are those of the body as it was sent.
 */
export function manifestOf(body: unknown, toolId?: string): Manifest {
  if (toolId !== undefined && toolIdProblem(toolId) !== null) throw notFound(toolId);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return parseManifest(body);
  const { toolId: alias, ...rest } = body as Record<string, unknown>;
  const named = 'toolId' in body;
  if (named && 'id' in body && alias !== rest['id'])
    throw new ManifestError([{ pointer: '/toolId', message: 'must be equal to /id; one of them is enough' }]);
  const id = named ? alias : 'id' in body ? rest['id'] : toolId;
  if (toolId !== undefined && id !== toolId)
    throw new ManifestError([
      {
        pointer: named ? '/toolId' : '/id',
        message: `must be "${toolId}", as in the address; a tool keeps its id`,
      },
    ]);
  try {
    return checkedText(parseManifest(id === undefined ? rest : { ...rest, id }));
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new ManifestError(error.problems.flatMap((problem) => asSent(problem, body, named)));
  }
}

/** A bad id makes the addresses that follow from it bad as well; only what was sent is worth telling. */
function asSent(problem: Problem, body: object, named: boolean): Problem[] {
  const { pointer, message } = problem;
  if ((pointer === '/route' && !('route' in body)) || (pointer === '/apiBase' && !('apiBase' in body)))
    return [];
  return [{ pointer: pointer === '/id' && named ? '/toolId' : pointer, message }];
}

/** PostgreSQL's text holds no NUL, wherever in the manifest it stands. */
function checkedText(manifest: Manifest): Manifest {
  if (!JSON.stringify(manifest).includes('\\u0000')) return manifest;
  throw new PlatformError('manifest-invalid', 'The manifest holds a NUL character. Remove it.', {
    errors: [{ pointer: '', message: 'holds a NUL character' }],
  });
}

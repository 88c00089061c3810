import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { count, facetsOf, NO_FACETS } from '../../store/facets.ts';
import { matching, type ToolFilter } from '../../store/tool-filter.ts';
import { listTools, TOOL_SORTS, type PageRequest } from '../../store/tool-list.ts';
import { PAGE } from '../page-parameters.ts';
import { FILTERS } from './filters.ts';

const SORT = {
  type: 'string',
  enum: TOOL_SORTS,
  default: 'name',
  description: 'A leading `-` reverses the order.',
};
const FACETS = {
  type: 'boolean',
  default: false,
  description: 'Also count the matches by status, export and owner.',
};

export const listToolsOperation = (services: RegistryServices): Operation => ({
  id: 'listTools',
  kind: 'read',
  method: 'get',
  path: '/api/tools',
  tag: 'Tools',
  summary: 'List tools',
  description: 'Keyset pagination: concurrent changes neither repeat nor skip another tool.',
  access: 'read',
  query: { ...FILTERS, sort: SORT, ...PAGE, facets: FACETS },
  responses: { 200: { description: 'A page of tools.', schema: 'ToolPage' } },
  handle: async ({ query }) => ({
    status: 200,
    body: await pageOfTools(services, query as unknown as ListRequest),
  }),
});

type ListRequest = PageRequest & ToolFilter & { readonly facets: boolean };

async function pageOfTools({ pool, totals }: RegistryServices, request: ListRequest): Promise<object> {
  const where = await matching(pool, request);
  if (where === null)
    return { data: [], nextCursor: null, total: 0, ...(request.facets && { facets: NO_FACETS }) };
  const [page, totalOrFacets] = await Promise.all([
    listTools(pool, where, request),
    request.facets
      ? totals.facets(request, () => facetsOf(pool, where))
      : totals.count(request, () => count(pool, where)),
  ]);
  if (typeof totalOrFacets === 'number') return { ...page, total: totalOrFacets };
  // every tool is either exported or not, so these two facets add up to the total
  const { exported } = totalOrFacets;
  return { ...page, total: exported.true + exported.false, facets: totalOrFacets };
}

import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { searchTools } from '../../store/tool-search.ts';
import { PAGE } from '../page-parameters.ts';
import { FILTERS } from './filters.ts';

export const searchToolsOperation = ({ pool }: RegistryServices): Operation => ({
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
      description: 'The best matches, on one page. `total` is at most 1,000.',
      schema: 'ToolPage',
    },
  },
  handle: async ({ query }) => {
    const { q = '', limit } = query as { q?: string; limit: number };
    return { status: 200, body: await searchTools(pool, { q, limit }) };
  },
});

import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { listHistory } from '../../store/history.ts';
import { notFound } from '../../store/tools.ts';
import { PAGE } from '../page-parameters.ts';

export const listHistoryOperation = ({ pool }: RegistryServices): Operation => ({
  id: 'toolHistory',
  kind: 'read',
  method: 'get',
  path: '/api/tools/{toolId}/history',
  tag: 'Tools',
  summary: 'Changes of a tool with actor and time, newest first',
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
});

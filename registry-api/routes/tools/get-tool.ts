import { etagOf, isFresh } from '../../http/etag.ts';
import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { getTool } from '../../store/tools.ts';

export const getToolOperation = ({ pool }: RegistryServices): Operation => ({
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
    304: { description: 'The cached version is current.', headers: ['ETag'] },
  },
  problems: [404],
  handle: async ({ params, header }) => {
    const { tool, revision } = await getTool(pool, params['toolId'] ?? '');
    const headers = { ETag: etagOf(revision), 'Cache-Control': 'no-cache' };
    if (isFresh(header('if-none-match'), revision)) return { status: 304, headers };
    return { status: 200, headers, body: tool };
  },
});

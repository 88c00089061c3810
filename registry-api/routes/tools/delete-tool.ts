import { ifMatch } from '../../http/etag.ts';
import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { deleteTool } from '../../store/tools.ts';

export const deleteToolOperation = ({ totals }: RegistryServices): Operation => ({
  id: 'removeTool',
  kind: 'write',
  method: 'delete',
  path: '/api/tools/{toolId}',
  tag: 'Tools',
  summary: 'Delete a tool',
  description: 'Refused while the tool is exported or has a running job. The history of the tool is kept.',
  access: 'tools:write',
  headers: ['If-Match'],
  responses: { 204: { description: 'Deleted.' } },
  problems: [404, 409, 412],
  handle: async ({ params, header }, client) => {
    await deleteTool(client, params['toolId'] ?? '', ifMatch(header('if-match')));
    return { status: 204 };
  },
  afterwards: () => totals.clearAsync(),
});

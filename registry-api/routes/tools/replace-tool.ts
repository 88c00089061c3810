import type { Manifest } from '../../../contracts/manifest.ts';
import { etagOf, ifMatch } from '../../http/etag.ts';
import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { dependantsOf, updateTool } from '../../store/tools.ts';
import { parseManifestBody } from './manifest-body.ts';

export const replaceToolOperation = ({ totals }: RegistryServices): Operation => ({
  id: 'replaceTool',
  kind: 'write',
  method: 'put',
  path: '/api/tools/{toolId}',
  tag: 'Tools',
  summary: 'Replace the manifest of a tool',
  description:
    '`status` moves one state forward or back; `deprecated` is allowed from any. Fields set by an export are kept. ' +
    'Deprecating a tool that others depend on is allowed: the answer lists them under `dependants`.',
  access: 'tools:write',
  headers: ['If-Match'],
  body: {
    schema: 'ManifestInput',
    parse: (body, params) => parseManifestBody(body, params['toolId'] ?? ''),
  },
  responses: {
    200: { description: 'The updated tool.', schema: 'ReplacedTool', headers: ['ETag'] },
  },
  problems: [404, 412],
  handle: async ({ header, body }, client) => {
    const manifest = body as Manifest;
    const { before, tool, revision } = await updateTool(client, manifest, ifMatch(header('if-match')));
    const becomesDeprecated = manifest.status === 'deprecated' && before.status !== 'deprecated';
    return {
      status: 200,
      headers: { ETag: etagOf(revision) },
      body: becomesDeprecated ? { ...tool, dependants: await dependantsOf(client, manifest.id) } : tool,
    };
  },
  afterwards: () => totals.clearAsync(),
});

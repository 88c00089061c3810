import type { Manifest } from '../../../contracts/manifest.ts';
import { etagOf } from '../../http/etag.ts';
import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { insertTool } from '../../store/tools.ts';
import { parseManifestBody } from './manifest-body.ts';

export const registerToolOperation = ({ totals }: RegistryServices): Operation => ({
  id: 'registerTool',
  kind: 'write',
  method: 'post',
  path: '/api/tools',
  tag: 'Tools',
  summary: 'Register a tool',
  access: 'tools:write',
  body: { schema: 'ManifestInput', parse: (body) => parseManifestBody(body) },
  responses: { 201: { description: 'Registered.', schema: 'Tool', headers: ['ETag', 'Location'] } },
  problems: [409],
  handle: async ({ body }, client) => {
    const { tool, revision } = await insertTool(client, body as Manifest);
    return {
      status: 201,
      headers: { ETag: etagOf(revision), Location: `/api/tools/${tool.toolId}` },
      body: tool,
    };
  },
  afterwards: () => totals.clearAsync(),
});

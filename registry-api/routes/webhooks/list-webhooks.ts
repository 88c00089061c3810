import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { listWebhooks } from '../../webhooks/store.ts';

export const listWebhooksOperation = ({ pool }: RegistryServices): Operation => ({
  id: 'listWebhooks',
  kind: 'read',
  method: 'get',
  path: '/api/webhooks',
  tag: 'Webhooks',
  summary: 'List webhooks',
  access: 'webhooks:manage',
  responses: { 200: { description: 'All webhooks.', schema: 'WebhookPage' } },
  handle: async () => {
    const data = await listWebhooks(pool);
    return { status: 200, body: { data, nextCursor: null, total: data.length } };
  },
});

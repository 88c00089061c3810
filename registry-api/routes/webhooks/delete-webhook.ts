import type { Operation } from '../../http/operation.ts';
import { deleteWebhook } from '../../webhooks/store.ts';
import { noWebhook, webhookIdOf } from './webhook-id.ts';

export const deleteWebhookOperation: Operation = {
  id: 'removeWebhook',
  kind: 'write',
  method: 'delete',
  path: '/api/webhooks/{webhookId}',
  tag: 'Webhooks',
  summary: 'Delete a webhook',
  access: 'webhooks:manage',
  responses: { 204: { description: 'Deleted.' } },
  problems: [404],
  handle: async ({ params }, client) => {
    const id = webhookIdOf(params);
    if (!(await deleteWebhook(client, id))) throw noWebhook(id);
    return { status: 204 };
  },
};

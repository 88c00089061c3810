import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { listDeliveries } from '../../webhooks/store.ts';
import { noWebhook, webhookIdOf } from './webhook-id.ts';

export const listDeliveriesOperation = ({ pool }: RegistryServices): Operation => ({
  id: 'listDeliveries',
  kind: 'read',
  method: 'get',
  path: '/api/webhooks/{webhookId}/deliveries',
  tag: 'Webhooks',
  summary: 'The last 100 deliveries, newest first',
  access: 'webhooks:manage',
  responses: { 200: { description: 'Deliveries.', schema: 'DeliveryPage' } },
  problems: [404],
  handle: async ({ params }) => {
    const id = webhookIdOf(params);
    const data = await listDeliveries(pool, id);
    if (data === null) throw noWebhook(id);
    return { status: 200, body: { data, nextCursor: null, total: data.length } };
  },
});

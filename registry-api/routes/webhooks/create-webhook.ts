import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { showSecret, type SecretOf } from '../../webhooks/signature.ts';
import { insertWebhook, type Webhook } from '../../webhooks/store.ts';
import { parseWebhook, type WebhookInput } from './webhook-body.ts';

export const createWebhookOperation = ({ settings }: RegistryServices, secretOf: SecretOf): Operation => ({
  id: 'createWebhook',
  kind: 'write',
  method: 'post',
  path: '/api/webhooks',
  tag: 'Webhooks',
  summary: 'Register a webhook',
  description:
    'Deliveries are signed by the Standard Webhooks specification, with the secret that only this answer contains. ' +
    'They are retried for about a day and may arrive more than once. An owner has at most 20 webhooks, to public ' +
    'addresses or the networks of PLATFORM_WEBHOOK_NETWORKS.',
  access: 'webhooks:manage',
  body: { schema: 'WebhookInput', parse: (body) => parseWebhook(body, settings) },
  responses: { 201: { description: 'Registered.', schema: 'NewWebhook', headers: ['Location'] } },
  problems: [409],
  handle: async ({ body, principal }, client) => {
    const actor = principal().subject;
    const webhook = await insertWebhook(client, { ...(body as WebhookInput), actor });
    return { status: 201, headers: { Location: `/api/webhooks/${webhook.id}` }, body: webhook };
  },
  complete: async (reply) => {
    const webhook = reply.body as Webhook;
    return { ...reply, body: { ...webhook, secret: showSecret(await secretOf(webhook.id)) } };
  },
});

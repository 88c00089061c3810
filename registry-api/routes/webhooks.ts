import { PlatformError } from '../../contracts/errors.ts';
import type { Operation } from '../http/operation.ts';
import { bodyParser } from '../http/validate.ts';
import { WEBHOOK_INPUT } from '../schemas/webhooks.ts';
import type { RegistryServices } from '../services.ts';
import { showSecret, type SecretOf } from '../webhooks/signature.ts';
import {
  deleteWebhook,
  insertWebhook,
  listDeliveries,
  listWebhooks,
  type Webhook,
} from '../webhooks/store.ts';

interface WebhookInput {
  readonly url: string;
  readonly events: readonly string[];
}

/** Being told of changes instead of asking for them. */
export function webhookOperations(
  { pool, settings }: RegistryServices,
  secretOf: SecretOf,
): readonly Operation[] {
  const parse = bodyParser(WEBHOOK_INPUT);
  const common = { tag: 'Webhooks', access: 'webhooks:manage' } as const;
  return [
    {
      ...common,
      id: 'createWebhook',
      kind: 'write',
      method: 'post',
      path: '/api/webhooks',
      summary: 'Be told of changes',
      description:
        'Deliveries are signed after the Standard Webhooks specification with the secret that this answer, and only ' +
        'this answer, holds. They are tried again for about a day, and may come more than once.',
      body: {
        schema: 'WebhookInput',
        parse: (body) => checkedUrl(parse(body) as WebhookInput, settings.mode),
      },
      responses: { 201: { description: 'Registered.', schema: 'NewWebhook', headers: ['Location'] } },
      handle: async ({ body, principal }, client) => {
        const webhook = await insertWebhook(client, {
          ...(body as WebhookInput),
          actor: principal().subject,
        });
        return { status: 201, headers: { Location: `/api/webhooks/${webhook.id}` }, body: webhook };
      },
      complete: async (reply) => {
        const webhook = reply.body as Webhook;
        return { ...reply, body: { ...webhook, secret: showSecret(await secretOf(webhook.id)) } };
      },
    },
    {
      ...common,
      id: 'listWebhooks',
      kind: 'read',
      method: 'get',
      path: '/api/webhooks',
      summary: 'List webhooks',
      responses: { 200: { description: 'All of them.', schema: 'WebhookPage' } },
      handle: async () => {
        const data = await listWebhooks(pool);
        return { status: 200, body: { data, nextCursor: null, total: data.length } };
      },
    },
    {
      ...common,
      id: 'removeWebhook',
      kind: 'write',
      method: 'delete',
      path: '/api/webhooks/{webhookId}',
      summary: 'Be told no more',
      responses: { 204: { description: 'Forgotten.' } },
      problems: [404],
      handle: async ({ params }, client) => {
        const id = idOf(params['webhookId']);
        if (!(await deleteWebhook(client, id))) throw noWebhook(id);
        return { status: 204 };
      },
    },
    {
      ...common,
      id: 'listDeliveries',
      kind: 'read',
      method: 'get',
      path: '/api/webhooks/{webhookId}/deliveries',
      summary: 'The last hundred deliveries, newest first',
      responses: { 200: { description: 'Deliveries.', schema: 'DeliveryPage' } },
      problems: [404],
      handle: async ({ params }) => {
        const id = idOf(params['webhookId']);
        const data = await listDeliveries(pool, id);
        if (data === null) throw noWebhook(id);
        return { status: 200, body: { data, nextCursor: null, total: data.length } };
      },
    },
  ];
}

function idOf(text = ''): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw noWebhook(text);
}

const noWebhook = (id: string): PlatformError =>
  new PlatformError('not-found', `There is no webhook "${id}".`);

/** @throws PlatformError `body-invalid`. */
function checkedUrl(input: WebhookInput, mode: 'development' | 'production'): WebhookInput {
  const fail = (message: string): never => {
    throw new PlatformError('body-invalid', `/url ${message}`, { errors: [{ pointer: '/url', message }] });
  };
  if (!URL.canParse(input.url)) return fail('must be an address');
  const url = new URL(input.url);
  if (url.username !== '' || url.password !== '') return fail('must not hold a user or a password');
  if (url.protocol !== 'https:' && (mode === 'production' || url.protocol !== 'http:'))
    return fail(mode === 'production' ? 'must begin with https://' : 'must begin with https:// or http://');
  return { url: url.toString(), events: [...new Set(input.events)] };
}

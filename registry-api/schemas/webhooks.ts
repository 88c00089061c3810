import type { Schema } from '../http/operation.ts';
import { WEBHOOK_EVENTS } from '../webhooks/events.ts';
import { nullable, object, page } from './build.ts';

const events: Schema = {
  type: 'array',
  minItems: 1,
  maxItems: 50,
  items: { type: 'string', enum: WEBHOOK_EVENTS },
};
const instant: Schema = { type: 'string', format: 'date-time' };

/** Body of `POST /api/webhooks`. */
export const WEBHOOK_INPUT: Schema = object({
  url: { type: 'string', maxLength: 2_000, description: 'https, or http in development mode.' },
  events: { ...events, description: '`*` means all events.' },
});

const webhook: Readonly<Record<string, Schema>> = {
  id: { type: 'string', format: 'uuid' },
  url: { type: 'string' },
  events,
  createdAt: instant,
};

export const webhookSchemas: Readonly<Record<string, Schema>> = {
  WebhookInput: WEBHOOK_INPUT,
  Webhook: object(webhook),
  NewWebhook: object({ ...webhook, secret: { type: 'string', description: 'Returned only once.' } }),
  WebhookPage: page('Webhook'),
  Delivery: object({
    id: { type: 'string', description: 'The `webhook-id` of its requests.' },
    event: { type: 'string' },
    createdAt: instant,
    attempts: { type: 'integer', minimum: 0 },
    deliveredAt: nullable(instant),
    nextAttemptAt: { ...nullable(instant), description: 'null: delivered or given up.' },
    lastProblem: nullable({ type: 'string' }),
  }),
  DeliveryPage: page('Delivery'),
};

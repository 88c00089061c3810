import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import type { SecretOf } from '../../webhooks/signature.ts';
import { createWebhookOperation } from './create-webhook.ts';
import { deleteWebhookOperation } from './delete-webhook.ts';
import { listDeliveriesOperation } from './list-deliveries.ts';
import { listWebhooksOperation } from './list-webhooks.ts';

/** Notifications of changes by HTTP, in the order in which addresses are matched. */
export const webhookOperations = (services: RegistryServices, secretOf: SecretOf): readonly Operation[] => [
  createWebhookOperation(services, secretOf),
  listWebhooksOperation(services),
  deleteWebhookOperation,
  listDeliveriesOperation(services),
];

import { PlatformError } from '../../../contracts/errors.ts';

/** The webhook id in an address. @throws PlatformError `not-found` when it is not a UUID. */
export function webhookIdOf({ webhookId = '' }: Readonly<Record<string, string>>): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(webhookId)) return webhookId.toLowerCase();
  throw noWebhook(webhookId);
}

export const noWebhook = (id: string): PlatformError =>
  new PlatformError('not-found', `Webhook "${id}" does not exist.`);

import { PlatformError } from '../../../contracts/errors.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { bodyParser } from '../../http/validate.ts';
import { addressIn, createDestinations, NOT_PUBLIC } from '../../webhooks/destinations.ts';
import { WEBHOOK_INPUT } from '../../schemas/webhooks.ts';

export interface WebhookInput {
  readonly url: string;
  readonly events: readonly string[];
}

const parse = bodyParser(WEBHOOK_INPUT);

/**
 * @throws PlatformError `body-invalid`, also for a URL that the settings do not allow. The addresses of a name are
 * checked with each delivery.
 */
export function parseWebhook(
  body: unknown,
  settings: Pick<Settings, 'mode' | 'webhookNetworks'>,
): WebhookInput {
  const input = parse(body) as WebhookInput;
  const problem = urlProblem(input.url, settings.mode) ?? hostProblem(new URL(input.url), settings);
  if (problem === null) return { url: new URL(input.url).toString(), events: [...new Set(input.events)] };
  throw new PlatformError('body-invalid', `/url ${problem}`, {
    errors: [{ pointer: '/url', message: problem }],
  });
}

function urlProblem(text: string, mode: Settings['mode']): string | null {
  if (!URL.canParse(text)) return 'must be a URL';
  const { username, password, protocol } = new URL(text);
  if (username !== '' || password !== '') return 'must not contain a user or a password';
  if (protocol === 'https:') return null;
  if (mode === 'production') return 'must begin with https://';
  return protocol === 'http:' ? null : 'must begin with https:// or http://';
}

function hostProblem(url: URL, { webhookNetworks = [] }: Pick<Settings, 'webhookNetworks'>): string | null {
  const address = /(^|\.)localhost\.?$/.test(url.hostname) ? '127.0.0.1' : addressIn(url);
  if (address === null || createDestinations(webhookNetworks).allows(address)) return null;
  return `${NOT_PUBLIC}; list its network in PLATFORM_WEBHOOK_NETWORKS to allow it`;
}

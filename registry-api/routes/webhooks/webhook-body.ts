import { PlatformError } from '../../../contracts/errors.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { bodyParser } from '../../http/validate.ts';
import { WEBHOOK_INPUT } from '../../schemas/webhooks.ts';

export interface WebhookInput {
  readonly url: string;
  readonly events: readonly string[];
}

const parse = bodyParser(WEBHOOK_INPUT);

/** @throws PlatformError `body-invalid`, also for a URL that the mode does not allow. */
export function parseWebhook(body: unknown, mode: Settings['mode']): WebhookInput {
  const input = parse(body) as WebhookInput;
  const problem = urlProblem(input.url, mode);
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

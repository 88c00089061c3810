import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createFile } from '../store/create-file.ts';

/** Returns the secret of a webhook. */
export type SecretOf = (webhookId: string) => Promise<Buffer>;

/** Derives secrets from one key in the state folder and the webhook id, so that none is stored in the database. */
export function webhookSecrets(stateDir: string): SecretOf {
  const file = path.join(stateDir, 'secrets', 'webhook-key');
  return async (webhookId) =>
    createHmac('sha256', await readOrMake(file))
      .update(webhookId)
      .digest();
}

async function readOrMake(file: string): Promise<Buffer> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await createFile(file, randomBytes(32).toString('base64'));
  return Buffer.from(await readFile(file, 'utf8'), 'base64');
}

/** A secret in the format for its owner. */
export const showSecret = (secret: Buffer): string => `whsec_${secret.toString('base64')}`;

/**
 * Headers of a delivery by the Standard Webhooks specification: the receiver computes the same HMAC-SHA256 over
 * `id.timestamp.body` and rejects old timestamps.
 */
export function signedHeaders(secret: Buffer, id: string, body: string, now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type pg from 'pg';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { Manifest } from '../../../../contracts/manifest.ts';
import { authenticate } from '../../../../registry-api/auth/authenticate.ts';
import { requestId } from '../request-id.ts';
import { mountTool } from '../mount.ts';
import type { ToolFolder } from '../read-tools.ts';

export interface HostedTool {
  readonly base: string;
  readonly tokens: Readonly<Record<'nobody' | 'stranger' | 'caller', string | null>>;
  close(): Promise<void>;
}

/** Every permission that a manifest names. */
export const permissionsOf = ({ permissions, endpoints }: Manifest): readonly string[] =>
  [...new Set([...permissions, ...endpoints.flatMap((endpoint) => endpoint.permissions)])].sort();

/** Serves one tool as the platform does, for callers with a plain word in place of a signed token. */
export async function hostTool(
  tool: ToolFolder,
  manifest: Manifest,
  db: pg.Pool,
  env: Readonly<Record<string, string>>,
): Promise<HostedTool> {
  const quiet = (): void => undefined;
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const router = await mountTool(tool, manifest, db, { logger, env, showDetails: false });
  const verify = (token: string): Promise<{ subject: string; permissions: readonly string[] }> =>
    token === 'caller' || token === 'stranger'
      ? Promise.resolve({
          subject: 'contract',
          permissions: token === 'caller' ? permissionsOf(manifest) : [],
        })
      : Promise.reject(new PlatformError('unauthenticated', 'There is no such caller.'));
  const base = `/api/tools/${tool.id}`;
  const app = express()
    .use(requestId, authenticate({ mode: 'production', verify }))
    .use(base, router);
  app.disable('x-powered-by');
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}${base}`,
    tokens: { nobody: null, stranger: 'stranger', caller: 'caller' },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

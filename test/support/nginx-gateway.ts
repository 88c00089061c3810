import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseSettings } from '../../contracts/settings.ts';
import { createFilesPort } from '../../exporter/adapters/files/files.ts';
import { createGatewayPort } from '../../exporter/adapters/nginx/gateway.ts';
import type { Ports } from '../../exporter/core/ports.ts';
import type { GatewayPort } from '../../exporter/core/infrastructure-ports.ts';
import { startNginxGateway, type NginxGateway } from '../../monolith/server/gateway/nginx-gateway.ts';
import { freePort } from './lab.ts';

/** A gateway of its own: a folder with the repository's gateway files, and the machine's nginx serving them. */
export interface GatewayLab {
  readonly root: string;
  readonly url: string;
  readonly gateway: GatewayPort;
  /** What operations on files and the gateway need. */
  readonly ports: Ports;
  start(options?: { readonly hidesCookies: boolean }): Promise<NginxGateway>;
  /** `nginx -T`: the whole configuration as nginx reads it. */
  picture(): Promise<string>;
  close(): Promise<void>;
}

/**
 * @param platformPort where the gateway believes the platform to be
 * @param env settings of the gateway
 */
export async function openGatewayLab(
  platformPort: number,
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayLab> {
  const root = await mkdtemp(path.join(tmpdir(), 'gateway-lab-'));
  const gatewayPort = await freePort();
  const settings = parseSettings({ PLATFORM_GATEWAY: 'nginx', GATEWAY_PORT: String(gatewayPort), ...env });
  for (const folder of ['gateway', 'templates/infra'])
    await cp(folder, path.join(root, folder), { recursive: true });
  await mkdir(path.join(root, '.platform'));
  const gateway = createGatewayPort({ root, settings });
  const files = createFilesPort(root, path.join(root, '.platform'));
  let running: NginxGateway | null = null;
  return {
    root,
    url: `http://127.0.0.1:${gatewayPort}`,
    gateway,
    ports: {
      root,
      settings,
      files,
      gateway,
      report: { log: () => undefined, progress: () => undefined, gate: () => undefined },
      exclusively: (work: () => Promise<unknown>) => work(),
    } as unknown as Ports,
    async start({ hidesCookies } = { hidesCookies: false }) {
      const log = (): void => undefined;
      running = await startNginxGateway({ root, settings, platformPort, gatewayPort, log, hidesCookies });
      if (running === null) throw new Error('nginx did not start');
      return running;
    },
    async picture() {
      const main = path.join(root, '.platform/gateway/nginx.conf');
      return (await promisify(execFile)('nginx', ['-T', '-q', '-c', main])).stdout;
    },
    async close() {
      await running?.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A server that answers every request with what it saw. */
export async function startEcho(name: string): Promise<{ port: number; close(): Promise<void> }> {
  const server = http.createServer((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ name, url: request.url, headers: request.headers }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

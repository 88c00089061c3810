import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toolsWithFrontend, writeToolLoaders } from '../monolith/server/dashboard/web/tool-loaders.ts';
import { shellOf } from '../templating/roots.ts';

export interface NgOptions {
  readonly root: string;
  /** Absolute. */
  readonly stateDir: string;
  readonly host: string;
  readonly port: number;
  readonly platformPort: number;
  readonly print: (line: string) => void;
}

/** The dashboard in development: Angular's own server, which proxies unknown requests to the platform. */
export interface Ng {
  /** Updates the list of tools. */
  refresh(): void;
  stop(): Promise<void>;
}

export function startNg({ root, stateDir, host, port, platformPort, print }: NgOptions): Ng {
  const refresh = async (): Promise<void> => writeToolLoaders(root, await toolsWithFrontend(root), {});
  const proxy = path.join(stateDir, 'dev', 'proxy.json');
  mkdirSync(path.dirname(proxy), { recursive: true });
  const target = { target: `http://127.0.0.1:${platformPort}`, changeOrigin: false };
  const paths = ['/api', '/auth', '/web-build.json', '/openapi.json', '/docs', '/health'];
  writeFileSync(proxy, JSON.stringify(Object.fromEntries(paths.map((p) => [p, target])), null, 2));

  const ended = refresh().then(
    () =>
      new Promise<void>((resolve) => {
        const ng = path.join(root, 'node_modules', '@angular', 'cli', 'bin', 'ng.js');
        const args = ['serve', '--host', host, '--port', String(port), '--proxy-config', proxy];
        child = spawn(process.execPath, [ng, ...args], {
          cwd: path.join(root, shellOf(root)),
          env: { ...process.env, NG_CLI_ANALYTICS: 'false' },
          stdio: ['ignore', 'inherit', 'inherit'],
        });
        child.once('exit', (code) => {
          if (!stopped) print(`ng serve has ended (exit code ${code ?? 'none'}). Run npm run dev again.`);
          resolve();
        });
      }),
  );
  let child: ReturnType<typeof spawn> | null = null;
  let stopped = false;
  return {
    refresh: () => {
      refresh().catch((error: unknown) => print(`The list of tools could not be written: ${String(error)}`));
    },
    async stop() {
      stopped = true;
      child?.kill('SIGTERM');
      if (child !== null) await ended;
    },
  };
}

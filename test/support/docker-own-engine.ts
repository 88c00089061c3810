import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, mkdir, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import { execa } from 'execa';

/** A Docker engine of the test's own, that it may stop: whatever else runs in containers here goes on. */
export interface OwnEngine {
  readonly docker: Docker;
  /** Value of DOCKER_HOST that leads to it. */
  readonly host: string;
  /** Does nothing where it runs already. */
  start(): Promise<void>;
  /** Its containers end with it. What they are made of stays on the disk. */
  stop(): Promise<void>;
  /** Copies images of the machine's engine into it. */
  load(...images: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/** A bridge of its own: with `--bridge=none` an engine would take `docker0` away from the machine's. */
const BRIDGE = 'own-engine0';

/**
 * @param machine the machine's engine, which makes the bridge
 * Needs root. It leaves the firewall to the machine's engine, so that only its bridge, where images are built, leads anywhere.
 */
export async function openOwnEngine(machine: Docker): Promise<OwnEngine> {
  await removeBridge(machine); // of a run that was killed
  await machine.createNetwork({
    Name: BRIDGE,
    Options: { 'com.docker.network.bridge.name': BRIDGE },
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'own-engine-'));
  const socket = path.join(folder, 'socket');
  const docker = new Docker({ socketPath: socket });
  const host = `unix://${socket}`;
  let daemon: ChildProcess | null = null;
  const engine: OwnEngine = {
    docker,
    host,
    async start() {
      if (daemon?.exitCode === null) return; // a second one could not be stopped any more
      await mkdir(path.join(folder, 'data'), { recursive: true });
      const log = await open(path.join(folder, 'log'), 'a');
      const own = ['data-root', 'exec-root', 'pidfile'].map((name) => `--${name}=${path.join(folder, name)}`);
      const alone = ['--iptables=false', '--ip6tables=false', '--ip-masq=false', `--bridge=${BRIDGE}`];
      daemon = spawn('dockerd', [`--host=${host}`, ...own, ...alone], {
        stdio: ['ignore', log.fd, log.fd],
      });
      await log.close();
      const deadline = Date.now() + START_TIMEOUT_MS;
      while (Date.now() < deadline && daemon.exitCode === null) {
        const pong: unknown = await docker.ping().catch(() => null);
        if (pong !== null) return;
        await delay(100);
      }
      throw new Error(`dockerd did not start; ${path.join(folder, 'log')} says why`);
    },
    async stop() {
      const running = daemon;
      daemon = null;
      if (running === null || running.exitCode !== null) return;
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGTERM');
      await ended;
    },
    async load(...images) {
      const save = execa('docker', ['save', ...images], { buffer: false });
      await save.pipe('docker', ['--host', host, 'load', '--quiet']);
    },
    async close() {
      await engine.stop();
      await removeBridge(machine);
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
  await engine.start();
  return engine;
}

async function removeBridge(machine: Docker): Promise<void> {
  const found = await machine.listNetworks({ filters: { name: [BRIDGE] } });
  for (const { Id } of found) await machine.getNetwork(Id).remove();
}

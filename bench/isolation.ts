import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import pg from 'pg';
import pino from 'pino';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { parseSettings } from '../contracts/settings.ts';
import { mountTool } from '../monolith/server/host/mount.ts';
import { readManifest } from '../monolith/server/host/read-tools.ts';
import { requestId } from '../monolith/server/host/request-id.ts';
import { startPlatform, type Platform } from '../monolith/server/platform/platform.ts';
import { authenticate } from '../registry-api/auth/authenticate.ts';
import { startEmbedded, stopCluster } from '../registry-api/store/embedded/index.ts';
import { CHAOS_TOOL, measureChaos, QUIET_TOOL } from './isolation/chaos.ts';
import { measure } from './registry/measure.ts';

/**
 * `npm run bench:isolation [-- --tools=1,20,100 --seconds=3 --chaos=60]`: what a process for each tool costs. Start and memory
 * of the platform with so many copies of the inventory tracker; latency of a GET through the platform and the tool's
 * process, against the same tool mounted in one Express process; latency of a tool and of the registry at 50 requests a second,
 * alone and beside a tool that fails all the time.
 */
const flags = parseProgramFlags('bench:isolation', process.argv.slice(2), {
  tools: { type: 'string', text: 'numbers of tools (default: 1,20,100)' },
  seconds: { type: 'number', text: 'seconds of each measurement (default: 3)' },
  chaos: { type: 'number', text: 'seconds beside a tool that fails all the time (default: 60)' },
});
const { tools = '1,20,100', seconds = 3, chaos = 60 } = flags;
const REPOSITORY = path.resolve(import.meta.dirname, '..');
const TOOL = 'inventory-tracker';
const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Row {
  readonly tools: number;
  /** Until the platform answers, until each tool has answered its first request, in milliseconds. */
  readonly readyMs: number;
  readonly allAnsweredMs: number;
  /** Memory in MiB (proportional set size) of the tools' processes: all running, and once idle ones are stopped. */
  readonly runningMiB: number;
  readonly idleMiB: number;
}

/** A repository with this many copies of the inventory tracker. */
async function repositoryWith(count: number): Promise<{ root: string; ids: readonly string[] }> {
  const root = await mkdtemp(path.join(tmpdir(), 'generator-platform-isolation-'));
  for (const name of ['contracts', 'migrations', 'node_modules', 'package.json'])
    await symlink(path.join(REPOSITORY, name), path.join(root, name));
  const manifest = JSON.parse(await readFile(`${REPOSITORY}/tools/${TOOL}/manifest.json`, 'utf8')) as object;
  const ids = Array.from({ length: count }, (_, i) => `tool-${i + 1}`);
  for (const id of ids) {
    const folder = path.join(root, 'tools', id);
    await mkdir(folder, { recursive: true });
    await cp(`${REPOSITORY}/tools/${TOOL}/backend`, `${folder}/backend`, { recursive: true });
    const own = { id, route: `/tools/${id}`, apiBase: `/api/tools/${id}`, databaseSchema: { tables: [] } };
    await writeFile(path.join(folder, 'manifest.json'), JSON.stringify({ ...manifest, ...own }));
  }
  return { root, ids };
}

const open = (root: string, databaseUrl: string): Promise<Platform> =>
  startPlatform({
    root,
    settings: parseSettings({
      PLATFORM_PORT: '0',
      GATEWAY_PORT: '0',
      PLATFORM_GATEWAY: 'facade',
      PLATFORM_TOOL_IDLE: '20',
      DATABASE_URL: databaseUrl,
    }),
    logger: pino({ level: 'silent' }),
    env: {},
    web: false,
  });

/** Processes of tools that this process has started. */
function toolMemory(): number {
  let kib = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (Number(parent) !== process.pid || !command.includes('host/process/main.ts')) continue;
      kib += Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // it has ended
    }
  return Math.round(kib / 1024);
}

async function measureStart(count: number, databaseUrl: string): Promise<Row> {
  const { root, ids } = await repositoryWith(count);
  const began = performance.now();
  const platform = await open(root, databaseUrl);
  try {
    const readyMs = Math.round(performance.now() - began);
    const call = async (id: string): Promise<void> => {
      const answer = await fetch(`http://127.0.0.1:${platform.port}/api/tools/${id}/nowhere`);
      if (answer.status !== 404) throw new Error(`${id} answered ${answer.status}: ${await answer.text()}`);
      await answer.text();
    };
    await Promise.all(ids.map(call));
    const allAnsweredMs = Math.round(performance.now() - began);
    const runningMiB = toolMemory();
    const limit = performance.now() + 60_000;
    while (toolMemory() > 0 && performance.now() < limit)
      await new Promise((resolve) => setTimeout(resolve, 500));
    return { tools: count, readyMs, allAnsweredMs, runningMiB, idleMiB: toolMemory() };
  } finally {
    await platform.close();
    await rm(root, { recursive: true, force: true });
  }
}

/** Latency of the same GET in the platform and in one process. */
async function measureHop(databaseUrl: string): Promise<Record<'process' | 'mounted', readonly number[]>> {
  const { root } = await repositoryWith(1);
  const platform = await open(root, databaseUrl);
  const quiet = (): void => undefined;
  const folder = path.join(root, 'tools/tool-1');
  const manifest = await readManifest({ id: 'tool-1', folder });
  const db = new pg.Pool({ connectionString: databaseUrl });
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const router = await mountTool({ id: 'tool-1', folder }, manifest, db, {
    logger,
    env: {},
    showDetails: true,
  });
  const verify = (): Promise<never> => Promise.reject(new Error('no tokens'));
  const server = express()
    .use(requestId, authenticate({ mode: 'development', verify }))
    .use('/api/tools/tool-1', router)
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bases = {
    process: `http://127.0.0.1:${platform.port}`,
    mounted: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  const p50s = { process: [] as number[], mounted: [] as number[] };
  try {
    for (let round = 0; round <= 3; round += 1)
      for (const kind of ['mounted', 'process'] as const) {
        const url = `${bases[kind]}/api/tools/tool-1/nowhere`;
        const { p50, p95 } = await measure({ url, seconds: round === 0 ? 1 : seconds, connections: 1 });
        if (round > 0) p50s[kind].push(p50, p95);
      }
    return p50s;
  } finally {
    server.close();
    server.closeAllConnections();
    await db.end();
    await platform.close();
    await rm(root, { recursive: true, force: true });
  }
}

async function measureHarm(databaseUrl: string): Promise<unknown> {
  const { root } = await repositoryWith(0);
  for (const [id, backend] of Object.entries({ chaos: CHAOS_TOOL, quiet: QUIET_TOOL })) {
    const folder = path.join(root, 'tools', id);
    await mkdir(path.join(folder, 'backend'), { recursive: true });
    await writeFile(path.join(folder, 'backend/index.ts'), backend);
    const manifest = { id, name: id, version: '1.0.0', route: `/tools/${id}` };
    await writeFile(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
  }
  const platform = await open(root, databaseUrl);
  try {
    const base = `http://127.0.0.1:${platform.port}`;
    return await measureChaos({
      base,
      addresses: ['/api/tools/quiet/one', '/api/tools?limit=5'],
      seconds: chaos,
    });
  } finally {
    await platform.close();
    await rm(root, { recursive: true, force: true });
  }
}

const stateDir = await mkdtemp(path.join(tmpdir(), 'generator-platform-bench-'));
try {
  const databaseUrl = await startEmbedded(stateDir);
  const rows: Row[] = [];
  for (const count of tools.split(',').map(Number)) {
    say(`Starting ${count} tools ...`);
    rows.push(await measureStart(count, databaseUrl));
  }
  console.log(
    JSON.stringify(
      {
        rows,
        hop: await measureHop(databaseUrl),
        harm: await measureHarm(databaseUrl),
        cpus: cpus().length,
        load: loadavg(),
      },
      null,
      2,
    ),
  );
} finally {
  await stopCluster(stateDir);
  await rm(stateDir, { recursive: true, force: true });
}

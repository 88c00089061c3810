import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { startEmbedded, stopCluster } from '../registry-api/store/embedded/index.ts';
import { migrate } from '../registry-api/store/migrate.ts';
import { addressesOf } from './registry/addresses.ts';
import { measure, type Measured } from './registry/measure.ts';
import { pace } from './registry/pace.ts';
import { processorTime } from './registry/processor-time.ts';
import { seedTools, someWords } from './registry/seed.ts';
import { keepWriting } from './registry/write.ts';

/**
 * `npm run bench:registry [-- --tools=100000 --seconds=5 --json]`: the cost of the registry's list over a bare
 * Express + pg SELECT of the same rows, measured alternately in one run, and latency at 100 requests a second, sent
 * whether or not earlier ones have been answered.
 */
const {
  tools = 100_000,
  seconds = 5,
  json,
} = parseProgramFlags('bench:registry', process.argv.slice(2), {
  tools: { type: 'number', text: 'rows in the registry (default: 100000)' },
  seconds: { type: 'number', text: 'seconds of each measurement (default: 5)' },
  json: { type: 'boolean', text: 'print the result as JSON' },
});
const ROUNDS = 3;
const RATE = 100;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function serve(
  kind: string,
  url: string,
  stateDir: string,
): Promise<{ url: string; child: ChildProcess }> {
  const child = fork(path.join(import.meta.dirname, 'registry', 'serve.ts'), [kind, url, stateDir]);
  const [address] = (await once(child, 'message')) as [string];
  return { url: address, child };
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
const ms = (value: number): string => `${value.toFixed(1).padStart(6)} ms`;

const stateDir = await mkdtemp(path.join(tmpdir(), 'generator-platform-bench-'));
await chmod(stateDir, 0o755);
const children: ChildProcess[] = [];
try {
  const databaseUrl = await startEmbedded(stateDir);
  await migrate(databaseUrl, path.resolve('migrations'));
  say(`Seeding ${tools} tools ...`);
  await seedTools(databaseUrl, tools);
  const addresses = addressesOf(await someWords(databaseUrl, 120));
  const [registry, bare] = await Promise.all(
    ['registry', 'bare'].map((kind) => serve(kind, databaseUrl, stateDir)),
  );
  if (registry === undefined || bare === undefined) throw new Error('the servers did not start');
  children.push(registry.child, bare.child);

  say('Throughput of the same 50 rows, in turn ...');
  const rounds: { registry: Measured; bare: Measured }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const load = { seconds: round === 0 ? 2 : seconds, connections: 20 }; // the first round warms up
    const one = {
      bare: await measure({ ...load, url: `${bare.url}/api/tools` }),
      registry: await measure({ ...load, url: `${registry.url}/api/tools?limit=50` }),
    };
    if (round > 0) rounds.push(one);
  }
  const ratios = rounds.map((round) => round.registry.perSecond / round.bare.perSecond);

  say(`Latency at ${RATE} requests a second, each counted from when it was due ...`);
  const latency: Record<string, Measured & { readonly processorMs: number | null }> = {};
  const load = { base: registry.url, seconds, rate: RATE };
  const used = () => processorTime(registry.child.pid ?? 0, stateDir);
  const run = async (name: string, list: readonly string[]): Promise<void> => {
    const before = await used();
    const measured = await pace({ ...load, addresses: list });
    const after = await used();
    const processorMs = before === null || after === null ? null : (after - before) / (seconds * RATE);
    latency[name] = { ...measured, processorMs };
  };
  await pace({ ...load, addresses: Object.values(addresses).flat(), seconds: 2 }); // warms up
  for (const [name, list] of Object.entries(addresses)) await run(name, list);
  const all = Array.from({ length: 120 }, (_, i) => Object.values(addresses).map((list) => list[i] ?? ''));
  await run('all in turn', all.flat());
  const writer = keepWriting(registry.url);
  await run('all, with 5 writes a second', all.flat());
  await writer.stop();

  const result = {
    tools: tools,
    cpus: cpus().length,
    loadAverage: loadavg()[0],
    perSecond: {
      bare: median(rounds.map((r) => r.bare.perSecond)),
      registry: median(rounds.map((r) => r.registry.perSecond)),
    },
    ratio: median(ratios),
    ratios,
    latency,
  };
  say(
    `\nlist of 50: bare ${result.perSecond.bare.toFixed(0)}/s, registry ${result.perSecond.registry.toFixed(0)}/s`,
  );
  say(
    `ratio: ${result.ratio.toFixed(2)} (rounds: ${ratios.map((r) => r.toFixed(2)).join(', ')}; goal: at least 0.70)`,
  );
  for (const [name, m] of Object.entries(latency)) {
    const processor = m.processorMs === null ? '' : `   processor ${ms(m.processorMs)}`;
    say(
      `${name.padEnd(28)} p50 ${ms(m.p50)}   p95 ${ms(m.p95)}   p99 ${ms(m.p99)}${processor}   failed ${m.failed}`,
    );
  }
  say(
    `(${result.cpus} processors, load average ${result.loadAverage?.toFixed(1) ?? '?'}; goal: p95 below 50 ms)`,
  );
  if (json === true) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  for (const child of children) child.disconnect();
  await stopCluster(stateDir);
  await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
}

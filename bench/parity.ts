import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { openLab, type Lab } from '../test/support/lab.ts';
import { exchange } from '../test/support/parity/raw-http.ts';
import { PARITY_REQUESTS, type RawRequest } from '../test/support/parity/requests.ts';
import { PARITY_TOOL, writeParityTool } from '../test/support/parity/tool.ts';

/**
 * `npm run bench:parity [-- --requests=50000 --rate=200]`: exports a tool with odd routes, and sends raw requests to its
 * service behind the facade and behind nginx in turn. Each answer must have the status that the service itself gives.
 * Exit code 1 when one differs.
 */
const { requests: count = 50_000, rate = 200 } = parseProgramFlags('bench:parity', process.argv.slice(2), {
  requests: { type: 'number', text: 'number of requests (default: 50000)' },
  rate: { type: 'number', text: 'requests a second (default: 200)' },
});

const LONGEST_REQUEST = 400_000;
/** More requests in flight would measure this machine and not the gateways. */
const MOST_IN_FLIGHT = 100;

interface Address {
  readonly name: string;
  readonly port: number;
  readonly base: string;
}

const portOf = (url: string): number => Number(new URL(url).port);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function statusesOf(request: RawRequest, address: Address): Promise<string> {
  const answers = await exchange(address, request.bytesAt(address), request.methods);
  return answers.map(({ status }) => status).join(' ') || 'no answer';
}

async function exported(): Promise<Lab> {
  const lab = await openLab({ env: { PLATFORM_GATEWAY: 'nginx' }, start: false });
  await writeParityTool(lab.root);
  await lab.commit('Add odd routes');
  await lab.startPlatform();
  const { code, report } = await lab.gulpJson('export', '--runtime=local', `--tool-id=${PARITY_TOOL}`);
  if (code !== 0) throw new Error(JSON.stringify(report.findings, null, 1));
  return lab;
}

async function run(lab: Lab): Promise<number> {
  const base = `/api/${PARITY_TOOL}`;
  const tool = (await (await fetch(`${lab.platformUrl}/api/tools/${PARITY_TOOL}`)).json()) as {
    serviceUrl: string;
  };
  const service = { name: 'service', port: portOf(tool.serviceUrl), base };
  const gateways: readonly Address[] = [
    { name: 'facade', port: portOf(lab.platformUrl), base },
    { name: 'nginx', port: portOf(lab.gatewayUrl), base },
  ];
  const expected = new Map<RawRequest, string>();
  for (const request of PARITY_REQUESTS) {
    // nginx answers some itself, or closes the connection behind them; a broken answer has no status to compare
    const isComparable = request.nginx === undefined && !request.isBroken && !request.isEarly;
    if (isComparable && request.bytesAt(service).length < LONGEST_REQUEST)
      expected.set(request, await statusesOf(request, service));
  }
  const rows = [...expected];
  const different = new Map<string, number>();
  const pending = new Set<Promise<void>>();
  const started = performance.now();
  for (let i = 0; i < count; i += 1) {
    const early = started + (i * 1_000) / rate - performance.now();
    if (early > 0) await sleep(early);
    while (pending.size >= MOST_IN_FLIGHT) await Promise.race(pending);
    const [request, status] = rows[i % rows.length] ?? [];
    const gateway = gateways[(i + Math.floor(i / rows.length)) % gateways.length];
    if (request === undefined || gateway === undefined) break;
    const one = statusesOf(request, gateway).then((seen) => {
      const line = `${gateway.name}: ${request.name}: ${status ?? ''} -> ${seen}`;
      if (seen !== status) different.set(line, (different.get(line) ?? 0) + 1);
    });
    pending.add(one);
    void one.then(() => pending.delete(one));
  }
  await Promise.all(pending);
  const seconds = (performance.now() - started) / 1_000;
  say(
    `${count} requests of ${rows.length} kinds in ${seconds.toFixed(0)} s (${(count / seconds).toFixed(0)}/s)`,
  );
  say(`${cpus().length} cores, load average ${(loadavg()[0] ?? 0).toFixed(1)}`);
  for (const [line, times] of different) say(`${times} x ${line}`);
  say(
    `${[...different.values()].reduce((sum, times) => sum + times, 0)} answers differ from the service's own`,
  );
  return different.size === 0 ? 0 : 1;
}

const lab = await exported();
try {
  process.exitCode = await run(lab);
} finally {
  await lab.close();
}

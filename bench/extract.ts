import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  findInstallation,
  query,
  startInstalled,
  type TestServer,
} from '../test/extraction/support/server.ts';

/**
 * `gulp extract` against pg_dump, pg_restore and pgcopydb, on the same data in one run: pgbench with a foreign key and an
 * index, and a table of wide mixed rows. `node bench/extract.ts [sizes=1,5]`: size 1 has 2 million rows of pgbench and 1
 * million wide ones. Prints seconds, processor time of servers and clients, and ratios: ours to the fastest, and how
 * each grows with the size. Ratios hold on a machine without other load.
 */
const sizes = (process.argv[2] ?? '1,5').split(',').map(Number);
const has = (command: string): boolean => spawnSync('which', [command]).status === 0;
const OURS = 'gulp extract, verified';
const TABLES = 'pgbench_branches,pgbench_tellers,pgbench_accounts,pgbench_history,wide';

interface Measured {
  readonly name: string;
  readonly seconds: number;
  /** Seconds of processor time, of the server's processes and the client's. */
  readonly cpu: number;
  readonly withoutVerification?: number;
}

const bin = await findInstallation();
if (bin === null) {
  console.log('not run: needs an installed PostgreSQL server (Debian: postgresql-15)');
} else {
  if (!has('pgcopydb')) console.log('pgcopydb clone: not run (Debian: pgcopydb)');
  const results: Measured[][] = [];
  for (const size of sizes) {
    const server = await startInstalled(bin);
    try {
      results.push(await measureAll(bin, server, size));
    } finally {
      await server.stop();
    }
  }
  printRatios(results);
}

async function measureAll(folder: string, server: TestServer, size: number): Promise<Measured[]> {
  const source = await load(server, size);
  const cpu = await processorTimeOf(source);
  const measured: Measured[] = [];
  const measure = async (name: string, run: (target: string) => unknown): Promise<void> => {
    const target = await server.createDatabase();
    await query(source, 'CHECKPOINT');
    const [start, before] = [performance.now(), cpu()];
    await run(target);
    const result = { name, seconds: (performance.now() - start) / 1000, cpu: cpu() - before };
    measured.push(result);
    console.log(`${name}: ${result.seconds.toFixed(1)} s, ${result.cpu.toFixed(1)} s of processor time`);
    await query(source, `DROP DATABASE ${new URL(target).pathname.slice(1)} WITH (FORCE)`);
  };
  const scratch = mkdtempSync(path.join(tmpdir(), 'bench-'));
  let verification = 0;
  await measure(OURS, async (target) => (verification = await extract(source, target)));
  await measure('pg_dump | psql', (target) =>
    execFileSync('sh', [
      '-c',
      'pg_dump "$1" | psql -X -q -v ON_ERROR_STOP=1 "$2" > /dev/null',
      'sh',
      source,
      target,
    ]),
  );
  await measure('pg_dump -Fd -j2, pg_restore -j2', (target) => {
    execFileSync(`${folder}/pg_dump`, ['-Fd', '-j2', '-f', path.join(scratch, 'dump'), source]);
    execFileSync(`${folder}/pg_restore`, ['-j2', '-d', target, path.join(scratch, 'dump')]);
  });
  if (has('pgcopydb'))
    await measure('pgcopydb clone', (target) => {
      const jobs = ['--table-jobs', '2', '--index-jobs', '2', '--dir', path.join(scratch, 'pgcopydb')];
      execFileSync('pgcopydb', ['clone', '--source', source, '--target', target, ...jobs], {
        stdio: 'ignore',
      });
    });
  rmSync(scratch, { recursive: true, force: true });
  // The others compare nothing
  return measured.map((each) =>
    each.name === OURS ? { ...each, withoutVerification: each.seconds - verification } : each,
  );
}

async function load(server: TestServer, size: number): Promise<string> {
  const source = await server.createDatabase();
  console.log(`\nsize ${String(size)}: loading …`);
  execFileSync('pgbench', ['-i', '-q', '-s', String(20 * size), '--foreign-keys', source], {
    stdio: 'ignore',
  });
  await query(
    source,
    `CREATE INDEX ON pgbench_accounts (bid);
     CREATE TABLE wide (id bigint PRIMARY KEY, a int, b text, c numeric(12,2), d timestamptz, e uuid, f jsonb, g text[], h float8, i bytea);
     INSERT INTO wide SELECT i, i % 1000, md5(i::text) || md5((i + 1)::text), i / 7.0, timestamptz '2020-01-01' + i * interval '1.5 s', md5(i::text)::uuid,
       jsonb_build_object('k', i, 'v', md5(i::text)), ARRAY['x' || i, 'y'], i / 3.0, decode(md5(i::text), 'hex') FROM generate_series(1, ${String(1e6 * size)}) i;
     CREATE INDEX ON wide (a); CREATE INDEX ON wide (d); ANALYZE`,
  );
  return source;
}

/**
 * A function that gives the seconds of processor time so far: of the server with all its processes, and of the clients
 * that have ended. 0 where there is no /proc.
 */
async function processorTimeOf(url: string): Promise<() => number> {
  const [file] = await query(url, "SELECT pg_read_file('postmaster.pid') AS text");
  const postmaster = String(file?.['text']).split('\n', 1)[0] ?? '';
  return () => {
    const [server, client] = [ticksOf(postmaster), ticksOf('self')];
    const running = readOrNothing(`/proc/${postmaster}/task/${postmaster}/children`).trim().split(' ');
    const own = running.reduce((sum, pid) => sum + ticksOf(pid).own, 0);
    return (server.own + server.ofEnded + own + client.ofEnded) / 100;
  };
}

/** Processor time of a process, and of its children that have ended, in hundredths of a second. */
function ticksOf(pid: string): { readonly own: number; readonly ofEnded: number } {
  const fields = readOrNothing(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
  return { own: user + system, ofEnded: endedUser + endedSystem };
}

/** A process can end at any time. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

interface Report {
  readonly ok: boolean;
  readonly findings: readonly unknown[];
  readonly steps: readonly { readonly id: string; readonly ms: number | null }[];
}

/** Runs `gulp extract` as a user does, and prints its steps and the peak memory of its process. Returns the seconds of the verification. */
async function extract(source: string, target: string): Promise<number> {
  const args = ['--silent', 'extract', '--json', '--jobs=2', `--tables=${TABLES}`];
  const child = spawn('gulp', [...args, `--source=${source}`, `--target=${target}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let [output, peak] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const watch = setInterval(() => (peak = Math.max(peak, peakOf(child.pid ?? 0))), 50);
  await once(child, 'close');
  clearInterval(watch);
  const report = JSON.parse(output) as Report;
  if (!report.ok) throw new Error(JSON.stringify(report.findings));
  const of = (id: string): number => (report.steps.find((step) => step.id === id)?.ms ?? 0) / 1000;
  const share = Math.round((100 * of('verify')) / of('copy'));
  console.log(
    `  copy with indexes and constraints ${of('copy').toFixed(1)} s, verification ${of('verify').toFixed(1)} s (${String(share)} % of it), at most ${String(Math.round(peak / 1024))} MiB`,
  );
  return of('verify');
}

/** Peak resident memory in KiB; 0 when the process has ended, or where there is no /proc. */
function peakOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readOrNothing(`/proc/${String(pid)}/status`))?.[1] ?? 0);
}

function printRatios(results: readonly (readonly Measured[])[]): void {
  console.log('');
  for (const [n, [ours, ...others]] of results.entries()) {
    const fastest = others.toSorted((a, b) => a.seconds - b.seconds)[0];
    if (ours === undefined || fastest === undefined) continue;
    const ratio = (seconds = NaN): string => (seconds / fastest.seconds).toFixed(2);
    console.log(
      `size ${String(sizes[n])}: ${ratio(ours.withoutVerification)} of the fastest (${fastest.name}), ${ratio(ours.seconds)} with the verification`,
    );
  }
  const [first = [], last = []] = [results[0], results.at(-1)];
  if (results.length < 2) return;
  for (const [n, { name, seconds }] of first.entries())
    console.log(`${name}: ${((last[n]?.seconds ?? NaN) / seconds).toFixed(1)} times as long`);
}

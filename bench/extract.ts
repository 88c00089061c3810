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
 * `gulp extract` against pg_dump and pgcopydb, on the same data in one run: pgbench at a scale with a foreign key and
 * an index, and a table of wide mixed rows. `node bench/extract.ts [scale=20] [rows=1000000]`
 */
const [scale = '20', rows = '1000000'] = process.argv.slice(2);
const has = (command: string): boolean => spawnSync('which', [command]).status === 0;
const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);

const bin = await findInstallation();
if (bin === null) {
  console.log('not run: needs an installed PostgreSQL server (Debian: postgresql-15)');
} else {
  const server = await startInstalled(bin);
  try {
    await bench(bin, server);
  } finally {
    await server.stop();
  }
}

async function bench(folder: string, server: TestServer): Promise<void> {
  const source = await server.createDatabase();
  console.log(`loading: pgbench scale ${scale}, ${rows} wide rows …`);
  execFileSync('pgbench', ['-i', '-q', '-s', scale, '--foreign-keys', source], { stdio: 'ignore' });
  await query(
    source,
    `CREATE INDEX ON pgbench_accounts (bid);
     CREATE TABLE wide (id bigint PRIMARY KEY, a int, b text, c numeric(12,2), d timestamptz, e uuid, f jsonb, g text[], h float8, i bytea);
     INSERT INTO wide SELECT i, i % 1000, md5(i::text) || md5((i + 1)::text), i / 7.0, timestamptz '2020-01-01' + i * interval '1.5 s', md5(i::text)::uuid,
       jsonb_build_object('k', i, 'v', md5(i::text)), ARRAY['x' || i, 'y'], i / 3.0, decode(md5(i::text), 'hex') FROM generate_series(1, ${Number(rows)}) i;
     CREATE INDEX ON wide (a); CREATE INDEX ON wide (d); ANALYZE`,
  );
  const tables = 'pgbench_branches,pgbench_tellers,pgbench_accounts,pgbench_history,wide';
  await query(source, 'CHECKPOINT');

  const { report, peak } = await extract(source, await server.createDatabase(), tables);
  if (!report.ok) throw new Error(JSON.stringify(report.findings));
  const of = (id: string): number => (report.steps.find((step) => step.id === id)?.ms ?? 0) / 1000;
  console.log(
    `ours: copy + indexes + constraints ${of('copy').toFixed(1)} s, verification ${of('verify').toFixed(1)} s (${Math.round((100 * of('verify')) / of('copy'))} %), peak memory of Node ${peak} MiB`,
  );

  await query(source, 'CHECKPOINT');
  const piped = await server.createDatabase();
  let start = performance.now();
  execFileSync('sh', [
    '-c',
    'pg_dump "$1" | psql -X -q -v ON_ERROR_STOP=1 "$2" > /dev/null',
    'sh',
    source,
    piped,
  ]);
  console.log(`pg_dump | psql: ${seconds(start)} s`);

  await query(source, 'CHECKPOINT');
  const restored = await server.createDatabase();
  const scratch = mkdtempSync(path.join(tmpdir(), 'bench-'));
  start = performance.now();
  execFileSync(`${folder}/pg_dump`, ['-Fd', '-j2', '-f', path.join(scratch, 'dump'), source]);
  execFileSync(`${folder}/pg_restore`, ['-j2', '-d', restored, path.join(scratch, 'dump')]);
  console.log(`pg_dump -Fd -j2 | pg_restore -j2: ${seconds(start)} s`);

  await query(source, 'CHECKPOINT');
  if (has('pgcopydb')) {
    const cloned = await server.createDatabase();
    start = performance.now();
    execFileSync(
      'pgcopydb',
      [
        'clone',
        '--source',
        source,
        '--target',
        cloned,
        '--table-jobs',
        '2',
        '--index-jobs',
        '2',
        '--dir',
        path.join(scratch, 'pgcopydb'),
      ],
      { stdio: 'ignore' },
    );
    console.log(`pgcopydb clone: ${seconds(start)} s`);
  } else console.log('pgcopydb clone: not run (Debian: pgcopydb)');
  rmSync(scratch, { recursive: true, force: true });
}

interface Report {
  readonly ok: boolean;
  readonly findings: readonly unknown[];
  readonly steps: readonly { readonly id: string; readonly ms: number | null }[];
}

/** Runs `gulp extract` as a user does. The peak is that of its process, in MiB; `NaN` where there is no /proc. */
async function extract(
  source: string,
  target: string,
  tables: string,
): Promise<{ readonly report: Report; readonly peak: number }> {
  const args = ['--silent', 'extract', '--json', '--jobs=2', `--tables=${tables}`];
  const child = spawn('gulp', [...args, `--source=${source}`, `--target=${target}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let [output, peak] = ['', NaN];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const watch = setInterval(() => (peak = peakOf(child.pid ?? 0) ?? peak), 50);
  await once(child, 'close');
  clearInterval(watch);
  return { report: JSON.parse(output) as Report, peak: Math.round(peak / 1024) };
}

/** Peak resident memory in KiB. */
function peakOf(pid: number): number | null {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN);
  } catch {
    return null; // the process has ended
  }
}

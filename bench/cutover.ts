import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { openLab, type Lab } from '../test/support/lab.ts';
import { startWriter, type Written } from '../test/support/steady-writers.ts';

/**
 * `npm run bench:cutover [-- --rows=1250,300000,2000000 --times=3]`: exports a tool live and rolls it back while four
 * writers go on through platform and gateway. Prints the longest time without an acknowledged write by number of rows, and
 * the time of a fenced export for comparison. Exit code 1 when a write is lost or doubled, or is answered with anything but
 * 201 and 503.
 */
const flags = parseProgramFlags('bench:cutover', process.argv.slice(2), {
  rows: { type: 'string', value: 'N,N', text: 'numbers of rows (default: 1250,300000,2000000)' },
  times: { type: 'number', text: 'exports and rollbacks of each (default: 3)' },
});
const sizes = (flags.rows ?? '1250,300000,2000000').split(',').map(Number);
const times = flags.times ?? 3;
const TOOL = 'inventory-tracker';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const at = (sorted: readonly number[], part: number): string =>
  (sorted[Math.ceil(part * sorted.length) - 1] ?? NaN).toFixed(0);

async function ask<T extends pg.QueryResultRow>(lab: Lab, sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: await lab.databaseUrl() });
  await client.connect();
  try {
    return (await client.query<T>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Fills the table up to `rows`. */
async function fill(lab: Lab, rows: number): Promise<void> {
  await ask(
    lab,
    `INSERT INTO inventory_items (sku, name)
     SELECT 'ROW-' || n, 'row ' || n FROM generate_series((SELECT count(*) FROM inventory_items) + 1, $1) n ON CONFLICT DO NOTHING`,
    [rows],
  );
}

async function timed(lab: Lab, ...args: string[]): Promise<number> {
  const start = performance.now();
  const { code, stdout, stderr } = await lab.gulp(...args, `--tool-id=${TOOL}`, '--silent');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return performance.now() - start;
}

/** One export and its rollback under four writers; the number of writes that are lost or doubled. */
async function outAndBack(
  lab: Lab,
  name: string,
): Promise<{ exportMs: number; written: readonly Written[]; wrong: number }> {
  const writers = [lab.platformUrl, lab.gatewayUrl, lab.platformUrl, lab.gatewayUrl].map((base, i) =>
    startWriter(`${base}/api/tools/${TOOL}/items`, `${name}-${i}`),
  );
  const exportMs = await timed(lab, 'export', '--runtime=local', '--cutover=live');
  await sleep(2_000);
  await timed(lab, 'rollback');
  await sleep(500);
  const written = await Promise.all(writers.map((writer) => writer.stop()));
  const skus = written.flatMap(({ acknowledged }) => acknowledged);
  const [found] = await ask<{ n: number }>(
    lab,
    'SELECT count(*)::int AS n FROM inventory_items WHERE sku = ANY ($1)',
    [skus],
  );
  return { exportMs, written, wrong: Math.abs(skus.length - (found?.n ?? 0)) };
}

const lab = await openLab();
let wrong = 0;
try {
  await timed(lab, 'export', '--runtime=local'); // later exports take its builds from the cache
  await timed(lab, 'rollback');
  for (const rows of sizes) {
    await fill(lab, rows);
    const pauses: number[] = [];
    let writes = 0;
    let exportMs = 0;
    for (let n = 1; n <= times; n++) {
      const run = await outAndBack(lab, `B${rows}-${n}`);
      wrong += run.wrong;
      exportMs += run.exportMs / times;
      pauses.push(...run.written.map(({ longestPauseMs }) => longestPauseMs));
      writes += run.written.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
    }
    const fencedMs = await timed(lab, 'export', '--runtime=local', '--cutover=fenced');
    await timed(lab, 'rollback', '--discard-writes');
    const sorted = pauses.toSorted((a, b) => a - b);
    say(
      `${rows} rows: longest pause p50 ${at(sorted, 0.5)} ms, p95 ${at(sorted, 0.95)} ms, max ${at(sorted, 1)} ms; ` +
        `${writes} writes, ${wrong} lost or doubled; a live export takes ${(exportMs / fencedMs).toFixed(2)} x of a fenced one`,
    );
  }
  say(`${cpus().length} cores, load average ${(loadavg()[0] ?? 0).toFixed(1)}`);
} finally {
  await lab.close();
}
process.exitCode = wrong === 0 ? 0 : 1;

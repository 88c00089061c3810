import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { FENCE_SQLSTATE } from '../../contracts/fence.ts';
import type { CommandReport } from '../../contracts/job.ts';
import type { ExtractContext } from '../../exporter/commands/extract/extract-context.ts';
import { runExtract } from '../../exporter/commands/extract/extract.ts';
import type { CutoverResult } from '../../exporter/commands/extract/follow.ts';
import type { Lag } from '../../extraction/index.ts';
import type { Lab } from '../support/lab.ts';
import { createDatabase } from '../support/postgres.ts';
import { openTerminal } from '../support/terminal.ts';
import { startSecondServer, type SecondServer } from './support/second-server.ts';
import { openServerProxy } from './support/server-to-server-proxy.ts';
import { findInstallation, query, startInstalled, type TestServer } from './support/server.ts';

const SCHEMA = `
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, writer int NOT NULL, n int NOT NULL, UNIQUE (writer, n));
CREATE TABLE lines (order_id bigint REFERENCES orders, line int, PRIMARY KEY (order_id, line));
INSERT INTO orders (writer, n) SELECT 0, n FROM generate_series(1, 1000) n;
INSERT INTO lines SELECT id, 1 FROM orders;
CREATE TABLE notes (id int PRIMARY KEY)`;

const WRITE =
  'WITH o AS (INSERT INTO orders (writer, n) VALUES ($1, $2) RETURNING id) INSERT INTO lines SELECT id, 1 FROM o';

/** `gulp extract` without gulp, in a process that can be killed. */
const CHILD = new URL('support/extract-process.ts', import.meta.url).pathname;
const GULP = 'node_modules/gulp/bin/gulp.js';

/** Everything that a stream or a fence leaves in a database and on its server. */
const LEFT = `
SELECT (SELECT count(*)::int FROM pg_replication_slots WHERE database = current_database()) AS slots,
  (SELECT count(*)::int FROM pg_publication) AS publications,
  (SELECT count(*)::int FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()) AS subscriptions,
  (SELECT count(*)::int FROM pg_replication_origin) AS origins,
  (SELECT count(*)::int FROM pg_namespace WHERE nspname IN ('platform_fence', 'platform_extract')) AS schemas`;
const NOTHING = { slots: 0, publications: 0, subscriptions: 0, origins: 0, schemas: 0 };

const leftIn = async (url: string): Promise<unknown> => (await query(url, LEFT))[0];
const tablesIn = async (url: string): Promise<unknown> =>
  (await query(url, `SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'`))[0]!['n'];
const cutoverOf = (report: CommandReport): CutoverResult =>
  (report.result as { cutover: CutoverResult }).cutover;
const errorsOf = (report: CommandReport): string =>
  report.findings
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message)
    .join('\n');

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 600; n++) {
    if (await isTrue()) return;
    await delay(50);
  }
  throw new Error(`waited in vain: ${what}`);
}

interface Writing {
  /** Acknowledged writes up to now. */
  count(): number;
  /** Writes go to the other side from now on. */
  moveTo(url: string): void;
  stop(): Promise<{ readonly acknowledged: number; readonly refused: number }>;
}

/** Ends writers and connections that a failed test has left, so that they disturb no other. */
const atWork: (() => Promise<unknown>)[] = [];

/** Writes 1, 2, 3, ... each until it is acknowledged. */
function startWriter(url: string, writer: number): Writing {
  const stopped = new AbortController();
  let acknowledged = 0;
  let refused = 0;
  let at = url;
  const done = (async () => {
    let client = await connected(at);
    for (let now = at; !stopped.signal.aborted;) {
      if (now !== at) {
        await client.end();
        client = await connected((now = at));
      }
      try {
        await client.query(WRITE, [writer, acknowledged + 1]);
        acknowledged += 1;
      } catch (error) {
        if ((error as { code?: string }).code !== FENCE_SQLSTATE) throw error;
        refused += 1;
        await delay(5);
      }
    }
    await client.end();
  })();
  done.catch(() => undefined);
  atWork.push(() => {
    stopped.abort();
    return done;
  });
  return {
    count: () => acknowledged,
    moveTo: (other) => (at = other),
    async stop() {
      stopped.abort();
      await done;
      return { acknowledged, refused };
    },
  };
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  atWork.push(() => client.end());
  return client;
}

const written = async (url: string, writer: number): Promise<unknown> =>
  (
    await query(
      url,
      `SELECT count(*)::int AS rows, count(DISTINCT n)::int AS different, coalesce(max(n), 0) AS last,
         (SELECT count(*)::int FROM lines JOIN orders o ON o.id = order_id WHERE o.writer = ${writer}) AS lines
         FROM orders WHERE writer = ${writer}`,
    )
  )[0];
const once1to = (n: number): unknown => ({ rows: n, different: n, last: n, lines: n });

interface Running {
  readonly logged: string[];
  /** Resolves when a line with this text is logged. */
  heard(text: string): Promise<void>;
  switchNow(): void;
  interrupt(): void;
  readonly report: Promise<CommandReport>;
}

describe('gulp extract --follow', function () {
  let older: TestServer;
  let second: SecondServer;
  let source: string;
  let target: string;
  const children: ChildProcess[] = [];
  const runs: Running[] = [];

  before(async () => {
    const bin = await findInstallation();
    older =
      bin === null
        ? { label: 'embedded', bin: null, createDatabase, stop: () => Promise.resolve() }
        : await startInstalled(bin, { wal_level: 'logical', wal_retrieve_retry_interval: '200ms' });
    second = await startSecondServer();
  });
  after(async () => {
    await second.remove();
    await older.stop();
  });

  beforeEach(async () => {
    tables = 'orders,lines';
    source = await older.createDatabase();
    await query(source, SCHEMA);
    target = await second.createDatabase();
  });
  afterEach(async () => {
    const ended = Promise.allSettled(atWork.splice(0).map((end) => end()));
    for (const run of runs.splice(0)) {
      run.interrupt();
      await run.report;
    }
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await ended;
  });

  let tables: string;
  const args = (...more: readonly string[]): string[] => [
    `--source=${source}`,
    `--target=${target}`,
    `--tables=${tables}`,
    '--follow',
    ...more,
  ];

  const cleanUp = (): string[] => args('--clean-up').filter((flag) => flag !== '--follow');

  function follow(more: readonly string[] = [], context: Partial<ExtractContext> = {}): Running {
    const logged: string[] = [];
    const wish = new AbortController();
    const interrupt = new AbortController();
    const report = runExtract(args(...more), {
      switchNow: wish.signal,
      signal: interrupt.signal,
      report: { log: (_level, message) => void logged.push(message), progress: () => undefined },
      ...context,
    });
    const run: Running = {
      logged,
      heard: (text) => until(text, () => logged.some((line) => line.includes(text))),
      switchNow: () => wish.abort(),
      interrupt: () => interrupt.abort(new Error('interrupted')),
      report,
    };
    runs.push(run);
    return run;
  }

  /** The same in a process of its own. */
  function followInProcess(...more: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, [CHILD, ...args(...more)], { stdio: 'ignore' });
    children.push(child);
    return child;
  }
  const isFollowing = (): Promise<void> =>
    until('a subscription', async () => {
      const [row] = await query(
        target,
        `SELECT count(*)::int AS n FROM pg_stat_subscription WHERE pid IS NOT NULL AND subname LIKE 'gulp%'`,
      );
      return row!['n'] === 1;
    });

  const isSourceClosed = (): Promise<boolean> =>
    query(source, 'DELETE FROM lines WHERE order_id = 0').then(
      () => false,
      (error: unknown) => (error as { code?: string }).code === FENCE_SQLSTATE,
    );

  async function expectRolledBack(): Promise<void> {
    expect(await leftIn(source), 'left in the source').to.deep.equal(NOTHING);
    expect(await leftIn(target), 'left in the target').to.deep.equal(NOTHING);
    expect(await tablesIn(target), 'tables in the target').to.equal(0);
    await query(source, WRITE, [9, 1]);
  }

  /** With the statements that the report names. */
  async function endReverse(report: CommandReport): Promise<void> {
    const { end } = cutoverOf(report).reverse!;
    for (const sql of end.source) await query(source, sql);
    await until('a slot without a reader', async () => {
      const [row] = await query(target, 'SELECT bool_or(active) AS active FROM pg_replication_slots');
      return row!['active'] !== true;
    });
    for (const sql of end.target) await query(target, sql);
  }

  it('loses and doubles no write of a writer that goes on through the switch', async () => {
    const writers = [1, 2, 3, 4].map((writer) => startWriter(source, writer));
    await until('some writes', () => writers.every((writer) => writer.count() > 20));
    const run = follow(['--switch']);
    void run.heard('point your application to it').then(() => {
      for (const writer of writers) writer.moveTo(target);
    });
    const report = await run.report;
    expect(errorsOf(report)).to.equal('');
    const atSwitch = writers.map((writer) => writer.count());
    await until('writes to the target', () =>
      writers.every((writer, n) => writer.count() > atSwitch[n]! + 20),
    );
    for (const [n, writer] of writers.entries()) {
      const { acknowledged, refused } = await writer.stop();
      expect(await written(target, n + 1)).to.deep.equal(once1to(acknowledged));
      expect(refused).to.be.greaterThan(0);
    }
    const cutover = cutoverOf(report);
    expect(cutover).to.include({ mode: 'live', attempts: 1, reverse: null });
    expect(cutover.copiedRows + cutover.appliedChanges!).to.equal(cutover.verifiedRows);
    expect(report.steps.map(({ id }) => id)).to.deep.equal(['copy', 'follow', 'switch', 'verify']);
    expect(await leftIn(target)).to.deep.equal(NOTHING);
    expect(await leftIn(source)).to.deep.equal({ ...NOTHING, schemas: 1 });
    await query(source, cutover.fence.remove);
    await query(source, WRITE, [9, 1]);
  });

  it('waits for a change that the target applies late', async () => {
    const run = follow(['--max-pause=20000']);
    await run.heard('follows the source');
    const client = await connected(target);
    await client.query('BEGIN; LOCK TABLE lines IN ACCESS EXCLUSIVE MODE');
    await query(source, WRITE, [4, 1]);
    run.switchNow();
    await until('a fence', isSourceClosed);
    await delay(200);
    await client.query('COMMIT');
    await client.end();
    const report = await run.report;
    expect(errorsOf(report)).to.equal('');
    expect(await written(target, 4)).to.deep.equal(once1to(1));
    expect(cutoverOf(report)).to.include({ attempts: 1, appliedChanges: 2 });
  });

  it('brings later writes back with --reverse until the printed statements end it', async () => {
    const run = follow(['--reverse']);
    await run.heard('follows the source');
    await query(source, WRITE, [4, 1]);
    await until(
      'the write in the target',
      async () => (await query(target, 'SELECT FROM orders WHERE writer = 4')).length === 1,
    );
    run.switchNow();
    const report = await run.report;
    expect(errorsOf(report)).to.equal('');
    await query(target, WRITE, [5, 1]);
    await query(target, 'DELETE FROM lines WHERE order_id = 1');
    await until('the write in the source', async () => {
      const [row] = await query(
        source,
        'SELECT (SELECT count(*)::int FROM orders WHERE writer = 5) AS added, (SELECT count(*)::int FROM lines WHERE order_id = 1) AS left',
      );
      return row!['added'] === 1 && row!['left'] === 0;
    });
    const refused = await query(source, WRITE, [9, 1]).catch((error: unknown) => error);
    expect(refused).to.include({ code: FENCE_SQLSTATE });
    await endReverse(report);
    expect(await leftIn(target)).to.deep.equal(NOTHING);
    expect(await leftIn(source)).to.deep.equal({ ...NOTHING, schemas: 1 });
  });

  it('goes on after a cut between both servers and a restart of the target', async () => {
    const proxy = await openServerProxy(source);
    await query(second.adminUrl, `ALTER SYSTEM SET wal_receiver_timeout = '1s'`);
    await query(second.adminUrl, 'SELECT pg_reload_conf()');
    const lags: Lag[] = [];
    const writer = startWriter(source, 2);
    try {
      const run = follow([`--source-from-target=${proxy.address(source)}`], {
        onLag: (lag) => void lags.push(lag),
      });
      await run.heard('follows the source');
      await isFollowing();
      proxy.cut();
      await until('a lag', () => (lags.at(-1)?.seconds ?? 0) > 2);
      proxy.mend();
      await until('a target without a lag', () => {
        const { running, seconds } = lags.at(-1)!;
        return running && seconds < 1;
      });
      await second.stop();
      await run.heard('does not answer, and is tried again');
      await second.start();
      await isFollowing();
      run.switchNow();
      await run.heard('point your application to it');
      const { acknowledged } = await writer.stop().catch(() => ({ acknowledged: writer.count() }));
      const report = await run.report;
      expect(errorsOf(report)).to.equal('');
      expect(await written(target, 2)).to.deep.equal(once1to(acknowledged));
      expect(await leftIn(target)).to.deep.equal(NOTHING);
    } finally {
      await proxy.close();
      await query(second.adminUrl, 'ALTER SYSTEM RESET wal_receiver_timeout');
      await query(second.adminUrl, 'SELECT pg_reload_conf()');
    }
  });

  it('rolls back and names the row when the copy was changed', async () => {
    const run = follow();
    await run.heard('follows the source');
    await query(target, 'UPDATE orders SET n = -7 WHERE id = 7');
    run.switchNow();
    const report = await run.report;
    expect(report.exitCode).to.equal(4);
    expect(errorsOf(report)).to.match(/public.orders: .*7/);
    await expectRolledBack();
  });

  it('keeps a target that has taken a write before a difference was found', async () => {
    const client = await connected(target);
    const run = follow(['--switch'], {
      report: {
        progress: () => undefined,
        log(_level, message) {
          if (message.includes('point your application to it')) void client.query(WRITE, [6, 1]);
        },
      },
    });
    await until('the table', async () => (await tablesIn(target)) === 2);
    await isFollowing();
    await query(target, 'UPDATE orders SET n = -7 WHERE id = 7');
    const report = await run.report;
    await client.end();
    expect(report.exitCode).to.equal(5);
    expect(errorsOf(report)).to.match(/public.orders: .*7/);
    expect(await written(target, 6)).to.deep.equal(once1to(1));
    expect(await leftIn(target)).to.deep.equal(NOTHING);
    await query(target, WRITE, [6, 2]);
    expect(await query(source, WRITE, [9, 1]).catch((error: unknown) => error)).to.include({
      code: FENCE_SQLSTATE,
    });
  });

  it('rolls back at the first Ctrl-C and leaves nothing on either server', async () => {
    const child = spawn(process.execPath, [GULP, 'extract', '--silent', ...args('--reverse')]);
    children.push(child);
    let text = '';
    child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
    await until('the lag', () => /lag: .* SIGUSR2 to process \d+ switches/.test(text));
    child.kill('SIGINT');
    expect(await once(child, 'exit')).to.deep.equal([130, null]);
    await expectRolledBack();
  });

  it('switches at Enter on a terminal, where one line shows the lag', async () => {
    const lab = { root: process.cwd(), env: process.env } as unknown as Lab;
    const terminal = openTerminal(lab, process.execPath, GULP, 'extract', '--silent', ...args());
    await until('the lag', () => {
      const shown = terminal.shown();
      return shown.includes('\r\u001b[Klag: ') && shown.includes('; Enter switches');
    });
    terminal.type('\r');
    expect(await terminal.ended).to.equal(0);
    expect(terminal.shown())
      .to.include('✓ switched')
      .and.to.include('DROP FUNCTION IF EXISTS platform_fence.');
    expect(await isSourceClosed()).to.equal(true);
  });

  it('rolls back when its terminal is closed', async () => {
    const lab = { root: process.cwd(), env: process.env } as unknown as Lab;
    const terminal = openTerminal(lab, process.execPath, GULP, 'extract', '--silent', ...args());
    await until('the lag', () => terminal.shown().includes('; Enter switches'));
    await terminal.close();
    await until('a rollback', async () => (await tablesIn(target)) === 0);
    await expectRolledBack();
  });

  it('removes the slot, the subscription and the tables of a killed run and begins again', async () => {
    const child = followInProcess();
    await isFollowing();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await query(source, WRITE, [4, 1]);
    const plain = await runExtract(args().filter((flag) => flag !== '--follow'));
    expect(plain.exitCode).to.equal(3);
    expect(errorsOf(plain)).to.include('--follow');
    const report = await follow(['--switch']).report;
    expect(errorsOf(report)).to.equal('');
    expect(await written(target, 4)).to.deep.equal(once1to(1));
    expect(await leftIn(target)).to.deep.equal(NOTHING);
  });

  it('rolls a killed run back with --clean-up, and leaves a completed switch as it is', async () => {
    const child = followInProcess('--reverse');
    await isFollowing();
    expect(errorsOf(await runExtract(cleanUp())), 'while it runs').to.include('Another extraction');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await runExtract(cleanUp())).exitCode).to.equal(0);
    await expectRolledBack();
    const completed = await follow(['--switch', '--reverse']).report;
    expect(errorsOf(completed)).to.equal('');
    const before = [await leftIn(source), await leftIn(target)];
    expect((await runExtract(cleanUp())).exitCode).to.equal(0);
    expect([await leftIn(source), await leftIn(target)]).to.deep.equal(before);
    const again = await follow(['--switch']).report;
    expect(again.exitCode).to.equal(3);
    expect(errorsOf(again)).to.include('takes no writes');
    await endReverse(completed);
  });

  it('moves tables to one target group by group, also after a killed run with others', async () => {
    const child = followInProcess();
    await isFollowing();
    child.kill('SIGKILL');
    await once(child, 'exit');
    tables = 'notes';
    expect(errorsOf(await follow(['--switch']).report)).to.equal('');
    expect(await tablesIn(target)).to.equal(1);
    expect(await leftIn(source)).to.deep.equal({ ...NOTHING, schemas: 1 });
    await query(source, WRITE, [8, 1]);
    tables = 'orders,lines';
    const report = await follow(['--switch', '--reverse']).report;
    expect(errorsOf(report)).to.equal('');
    expect(await written(target, 8)).to.deep.equal(once1to(1));
    for (const sql of ['INSERT INTO notes VALUES (1)', 'DELETE FROM orders WHERE id = 0'])
      expect(await query(source, sql).catch((error: unknown) => error)).to.include({ code: FENCE_SQLSTATE });
    await endReverse(report);
  });

  it('opens the source again after a run that was killed while writes waited', async () => {
    const child = spawn(process.execPath, [GULP, 'extract', '--silent', ...args('--max-pause=60000')], {
      stdio: 'ignore',
    });
    children.push(child);
    await isFollowing();
    const client = await connected(target);
    await client.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
    await query(source, WRITE, [4, 1]);
    child.kill('SIGUSR2');
    await until('a fence', isSourceClosed);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await client.end();
    expect((await runExtract(cleanUp())).exitCode).to.equal(0);
    await expectRolledBack();
  });

  it('keeps the target when a run is killed after its switch', async () => {
    const child = followInProcess('--switch');
    const client = await connected(target);
    await until('a switch', async () => {
      const found = await client
        .query(`SELECT FROM platform_extract.done WHERE id = 'switched'`)
        .catch(() => ({ rowCount: 0 }));
      return found.rowCount === 1;
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await client.query(WRITE, [6, 1]);
    for (const again of [args('--switch'), args().filter((flag) => flag !== '--follow')]) {
      const refused = await runExtract(again);
      expect(refused.exitCode).to.equal(3);
      expect(errorsOf(refused)).to.match(/--clean-up|--follow/);
    }
    const cleaned = await runExtract(cleanUp());
    expect(cleaned.exitCode).to.equal(0);
    expect(cleaned.findings.map(({ severity }) => severity)).to.deep.equal(['warning']);
    expect(await leftIn(target)).to.deep.equal(NOTHING);
    expect(await written(target, 6)).to.deep.equal(once1to(1));
    expect(await query(source, WRITE, [9, 1]).catch((error: unknown) => error)).to.include({
      code: FENCE_SQLSTATE,
    });
    await client.end();
  });

  it('goes on after a restart of the source, on whose server the target may be, too', async () => {
    source = await second.createDatabase();
    await query(source, SCHEMA);
    target = new URL('made_by_follow', source).href;
    const run = follow();
    await run.heard('follows the source');
    await query(source, WRITE, [7, 1]);
    await second.stop();
    await run.heard('does not answer, and is tried again');
    await second.start();
    await query(source, WRITE, [7, 2]);
    run.switchNow();
    const report = await run.report;
    expect(errorsOf(report)).to.equal('');
    expect(await written(target, 7)).to.deep.equal(once1to(2));
  });

  it('drops the database that it has created when it is interrupted', async () => {
    target = new URL('made_and_dropped', target).href;
    const run = follow();
    await run.heard('follows the source');
    run.interrupt();
    expect((await run.report).exitCode).to.equal(130);
    expect(await leftIn(source)).to.deep.equal(NOTHING);
    expect(
      await query(second.adminUrl, `SELECT FROM pg_database WHERE datname = 'made_and_dropped'`),
    ).to.deep.equal([]);
  });

  it('refuses an address at which the target does not reach the source, before anything is changed', async () => {
    const report = await follow(['--switch', '--source-from-target=postgresql://127.0.0.1:1/nowhere']).report;
    expect(report.exitCode).to.equal(3);
    expect(errorsOf(report)).to.include("The target's server cannot subscribe to the source");
    await expectRolledBack();
  });

  it('names tables whose changes cannot be followed, before anything is changed', async () => {
    await query(
      source,
      'CREATE UNLOGGED TABLE quick (id int PRIMARY KEY); CREATE TABLE keyless (id int); CREATE TABLE files (id int PRIMARY KEY, file oid); INSERT INTO files VALUES (1, lo_create(0))',
    );
    tables = 'orders,lines,quick,keyless,files';
    const report = await follow(['--switch']).report;
    expect(report.exitCode).to.equal(3);
    expect(report.findings.map(({ object }) => object)).to.include.members([
      'public.quick',
      'public.keyless',
      'public.files',
    ]);
    expect(report.findings.map(({ remedy }) => remedy)).to.include(
      'ALTER TABLE public.quick SET LOGGED, or extract without --follow',
    );
    await expectRolledBack();
  });

  it('rolls back when the source restarts while it is copied', async () => {
    source = await second.createDatabase();
    target = await second.createDatabase();
    await query(source, SCHEMA);
    await query(source, 'INSERT INTO notes SELECT generate_series(1, 300000)');
    tables = 'orders,lines,notes';
    const restarts: Promise<void>[] = [];
    const report = await follow(['--switch'], {
      report: {
        log: () => undefined,
        progress({ unit }) {
          if (unit === 'rows' && restarts.length === 0)
            restarts.push(second.stop().then(() => second.start()));
        },
      },
    }).report;
    await Promise.all(restarts);
    expect(report.exitCode, errorsOf(report)).to.equal(4);
    await expectRolledBack();
  });

  it('names the transaction that keeps the copy or the switch waiting, and rolls back after the time for it', async () => {
    const client = await connected(source);
    try {
      await client.query('BEGIN');
      await client.query('INSERT INTO orders (writer, n) VALUES (3, 1)');
      const waiting = await follow(['--switch', '--cutover-timeout=1']).report;
      expect(waiting.exitCode).to.equal(4);
      expect(errorsOf(waiting)).to.match(/pid \d+ \(idle in transaction\): INSERT INTO orders/);
      await client.query('ROLLBACK');
      await expectRolledBack();
      const run = follow(['--max-pause=300', '--cutover-timeout=1']);
      await run.heard('follows the source');
      await client.query('BEGIN');
      await client.query('UPDATE orders SET n = -3 WHERE id = 3');
      run.switchNow();
      const report = await run.report;
      expect(report.exitCode).to.equal(4);
      expect(errorsOf(report)).to.match(/pid \d+ \(idle in transaction\): UPDATE orders/);
    } finally {
      await client.end();
    }
    await query(source, 'DELETE FROM lines USING orders o WHERE o.id = order_id AND o.writer = 9');
    await query(source, 'DELETE FROM orders WHERE writer = 9');
    await expectRolledBack();
  });

  it('rolls back when the slot is dropped or a table is altered while it follows', async () => {
    let run = follow();
    await run.heard('follows the source');
    await query(
      source,
      `SELECT pg_terminate_backend(active_pid), pg_sleep(0.1), pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()`,
    ).catch(async () => {
      await until('a free slot', () =>
        query(
          source,
          `SELECT pg_terminate_backend(active_pid), pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()`,
        ).then(
          () => true,
          () => false,
        ),
      );
    });
    const dropped = await run.report;
    expect(dropped.exitCode).to.equal(4);
    expect(errorsOf(dropped)).to.include('slot');
    await expectRolledBack();
    await query(source, 'DELETE FROM lines USING orders o WHERE o.id = order_id AND o.writer = 9');
    await query(source, 'DELETE FROM orders WHERE writer = 9');
    run = follow();
    await run.heard('follows the source');
    await query(source, 'ALTER TABLE lines ADD COLUMN note text');
    run.switchNow();
    const altered = await run.report;
    expect(altered.exitCode).to.equal(4);
    expect(errorsOf(altered)).to.include('altered');
    await expectRolledBack();
  });

  describe('for users that are no superusers', () => {
    let from: string;
    let to: string;
    const as = (url: string): string => {
      const at = new URL(url);
      at.username = 'mover';
      at.password = "it's a pass\\word";
      return at.href;
    };
    before(async () => {
      for (const admin of [second.adminUrl, await createDatabase()])
        await query(admin, `CREATE ROLE mover LOGIN PASSWORD 'it''s a pass\\word'`);
      await second.demandEncryption('mover');
    });
    after(async () => {
      await query(await createDatabase(), 'DROP OWNED BY mover; DROP ROLE mover').catch(() => undefined);
    });
    beforeEach(async () => {
      from = await second.createDatabase();
      await query(from, SCHEMA);
      to = await createDatabase();
      [source, target] = [`${as(from)}?sslmode=require`, as(to)];
    });

    it('names every missing right before anything is changed, and needs no more than these and a password, encrypted as the address says', async () => {
      await query(from, 'GRANT SELECT ON orders, lines TO mover');
      await query(to, 'GRANT CREATE ON DATABASE ' + new URL(to).pathname.slice(1) + ' TO mover');
      const refused = await follow(['--switch', '--reverse']).report;
      expect(refused.exitCode, errorsOf(refused)).to.equal(3);
      const limits = refused.findings
        .filter(({ code }) => code === 'live-impossible')
        .map(({ message }) => message);
      expect(limits).to.have.members([
        'mover, the user of the source, may not create a replication slot.',
        'mover, the user of the target, may not create a replication slot.',
        'mover, the user of the source, has no privilege CREATE on the database, which publications, subscriptions and fences need.',
        'mover, the user of the source, may not create a subscription.',
        'mover, the user of the target, may not create a subscription.',
        'The user of the source does not own public.orders, which a publication and a fence need.',
        'The user of the source does not own public.lines, which a publication and a fence need.',
      ]);
      for (const [url, database] of [
        [from, new URL(from).pathname.slice(1)],
        [to, new URL(to).pathname.slice(1)],
      ] as const)
        await query(
          url,
          `ALTER ROLE mover REPLICATION; GRANT pg_create_subscription TO mover; GRANT CREATE ON DATABASE ${database} TO mover; GRANT CREATE ON SCHEMA public TO mover`,
        );
      await query(from, 'ALTER TABLE orders OWNER TO mover; ALTER TABLE lines OWNER TO mover');
      const report = await follow(['--switch', '--reverse']).report;
      expect(errorsOf(report)).to.equal('');
      await query(target, WRITE, [5, 1]);
      await until('the write in the source', async () => {
        const [row] = await query(from, 'SELECT count(*)::int AS n FROM orders WHERE writer = 5');
        return row!['n'] === 1;
      });
      source = from;
      await endReverse(report);
    });
  });
});

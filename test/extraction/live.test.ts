import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import getPort from 'get-port';
import pg from 'pg';
import { parseToolId } from '../../contracts/ids.ts';
import { namesOf } from '../../contracts/naming.ts';
import { FENCE_SQLSTATE } from '../../contracts/fence.ts';
import { readDatabaseFacts } from '../../exporter/steps/database/read-database-facts.ts';
import { createDatabasePort, createLivePort } from '../../extraction/index.ts';
import type {
  DatabasePort,
  DatabaseRef,
  ExtractionPlan,
  FenceSpec,
  Progress,
  RoleSpec,
} from '../../extraction/api.ts';
import type { LivePort, StreamSpec, SwitchHooks, SwitchSpec } from '../../extraction/live/live-api.ts';
import type { DatabasePortOptions } from '../../extraction/run/administrator-urls.ts';
import { armFence } from '../../extraction/run/fence.ts';
import { databaseOf, withDatabase } from '../../extraction/run/target.ts';
import { createDatabase } from '../support/postgres.ts';
import { query } from './support/server.ts';

const names = namesOf(parseToolId('live-orders'));
const SCHEMA = `
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, writer int NOT NULL, n int NOT NULL,
  total numeric GENERATED ALWAYS AS (n * 2) STORED, UNIQUE (writer, n));
CREATE TABLE lines (order_id bigint REFERENCES orders ON DELETE CASCADE, line int, PRIMARY KEY (order_id, line));
INSERT INTO orders (writer, n) SELECT 0, n FROM generate_series(1, 2000) n;
INSERT INTO lines SELECT id, 1 FROM orders`;

/** A writer at work; `stop` gives the number of its acknowledged writes. */
interface Writing {
  stop(): Promise<number>;
}

const logged: string[] = [];
const work = {
  signal: new AbortController().signal,
  report: { log: (_level: string, message: string) => void logged.push(message), progress: () => undefined },
};

describe('a live switch between two databases', () => {
  let sourceUrl: string;
  let serviceUrl: string;
  let plan: ExtractionPlan;
  let database: DatabasePort;
  let live: LivePort;
  let options: DatabasePortOptions;
  let out: StreamSpec;
  let back: StreamSpec;
  let fences: { readonly source: FenceSpec; readonly service: FenceSpec };
  /** Where writers write now. */
  let side: string;
  const service: DatabaseRef = { server: { kind: 'source' }, database: names.database };
  const roles: RoleSpec[] = [names.ownerRole, names.runtimeRole, names.migratorRole].map((name) => ({
    name,
    login: false,
    secret: null,
    memberOf: [],
    actsAs: null,
  }));

  /** Callers that are held, until they are let go on. */
  let held: Promise<void> = Promise.resolve();
  let letGo = (): void => undefined;
  const hooksTo = (url: () => string): SwitchHooks => ({
    hold() {
      held = new Promise((resolve) => (letGo = resolve));
      return Promise.resolve();
    },
    release() {
      letGo();
      return Promise.resolve();
    },
    route() {
      side = url();
      letGo();
      return Promise.resolve();
    },
  });
  const spec = (way: 'out' | 'back', more: Partial<SwitchSpec> = {}): SwitchSpec => ({
    plan,
    stream: way === 'out' ? out : back,
    next: way === 'out' ? back.name : null,
    fences:
      way === 'out'
        ? { from: fences.source, to: fences.service }
        : { from: fences.service, to: fences.source },
    service,
    maxPauseMs: 1_000,
    timeoutMs: 20_000,
    ...more,
  });

  const running: Writing[] = [];
  const transactions: pg.Client[] = [];

  async function openTransaction(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: sourceUrl });
    await client.connect();
    await client.query('BEGIN');
    transactions.push(client);
    return client;
  }

  /** Inserts 1, 2, 3, ... of its own, each until it is acknowledged. */
  function startWriter(writer: number): Writing {
    const stop = new AbortController();
    let acknowledged = 0;
    const done = (async () => {
      const clients = new Map<string, pg.Client>();
      for (const url of [sourceUrl, serviceUrl]) {
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        clients.set(url, client);
      }
      while (!stop.signal.aborted) {
        await held;
        try {
          await clients
            .get(side)!
            .query(
              'WITH o AS (INSERT INTO orders (writer, n) VALUES ($1, $2) RETURNING id) INSERT INTO lines SELECT id, 1 FROM o',
              [writer, acknowledged + 1],
            );
          acknowledged += 1;
        } catch (error) {
          if ((error as { code?: string }).code !== FENCE_SQLSTATE) throw error;
          await delay(5);
        }
      }
      for (const client of clients.values()) await client.end();
    })();
    const writing = {
      async stop() {
        stop.abort();
        await done;
        return acknowledged;
      },
    };
    running.push(writing);
    return writing;
  }

  const written = async (url: string, writer: number): Promise<unknown> => {
    const [row] = await query(
      url,
      `SELECT count(*)::int AS rows, coalesce(max(n), 0) AS last, (SELECT count(*)::int FROM lines JOIN orders o ON o.id = order_id WHERE o.writer = ${writer}) AS lines
         FROM orders WHERE writer = ${writer}`,
    );
    return row;
  };
  const once = (n: number): unknown => ({ rows: n, last: n, lines: n });

  async function copyAndFollow(): Promise<void> {
    await live.publish(out);
    await live.copyAtSlot(plan, out, work);
    await database.fenceService(fences.service, service, work);
    await live.publish(back);
    await live.reserveSlot(back, work);
    await live.subscribe(out);
  }

  beforeEach(async () => {
    sourceUrl = await createDatabase();
    serviceUrl = withDatabase(sourceUrl, names.database);
    side = sourceUrl;
    await query(sourceUrl, SCHEMA);
    options = {
      sourceUrl,
      secrets: {
        ensure: () => Promise.resolve(''),
        read: () => Promise.resolve(''),
        remove: () => Promise.resolve(),
      },
    };
    database = createDatabasePort(options);
    live = createLivePort(options);
    await database.createRoles(service.server, roles);
    const facts = await readDatabaseFacts({
      sourceUrl,
      tables: ['orders', 'lines'],
      names,
      severIncoming: false,
    });
    plan = facts.extraction!;
    const fence = (takenOverBy: string): FenceSpec => ({
      toolId: 'live-orders',
      toolName: 'Orders',
      takenOverBy,
      tables: facts.fenced,
    });
    fences = { source: fence('live-orders-api'), service: fence('the monolith') };
    const source: DatabaseRef = { server: { kind: 'source' }, database: databaseOf(sourceUrl) };
    const tables = plan.tables.map((table) => table.name);
    out = { name: `${names.database}_out`, from: source, to: service, tables };
    const columns = Object.fromEntries(plan.tables.map((table) => [table.name, table.columns]));
    back = { name: `${names.database}_back`, from: service, to: source, tables, columns };
    const { encoding, collate, ctype } = facts;
    const { provider, locale, rules } = facts;
    await database.createDatabase({
      at: service,
      owner: names.ownerRole,
      encoding,
      collate,
      ctype,
      ...(provider === undefined ? {} : { provider, locale: locale ?? null, rules: rules ?? null }),
      connect: [names.runtimeRole],
    });
  });

  afterEach(async () => {
    letGo();
    for (const client of transactions.splice(0)) await client.end();
    await Promise.allSettled(running.splice(0).map((writing) => writing.stop()));
    await live.unsubscribe(back);
    await live.unpublish(back);
    await live.unsubscribe(out);
    await live.unpublish(out);
    await database.dropDatabase(service);
    await database.dropRoles(service.server, roles);
    const [left] = await query(
      sourceUrl,
      `SELECT (SELECT count(*) FROM pg_replication_slots)::int AS slots, (SELECT count(*) FROM pg_subscription)::int AS subscriptions,
              (SELECT count(*) FROM pg_publication)::int AS publications`,
    );
    expect(left).to.deep.equal({ slots: 0, subscriptions: 0, publications: 0 });
  });

  it('loses and doubles no write of writers that never stop, out and back', async () => {
    const writers = [1, 2, 3, 4].map(startWriter);
    await copyAndFollow();
    const switched = await live.switchOver(
      spec('out'),
      hooksTo(() => serviceUrl),
      work,
    );
    const compared = await switched.verify(work);
    await switched.close();
    expect(Object.keys(compared)).to.have.members(plan.tables.map((table) => table.name));
    expect(await live.isSwitched(service)).to.equal(true);

    await live.unsubscribe(out);
    await live.unpublish(out);
    await live.subscribe(back);
    await delay(200); // writes reach the service, and the source follows
    const returned = await live.switchOver(
      spec('back'),
      hooksTo(() => sourceUrl),
      work,
    );
    await returned.verify(work);
    await returned.close();
    expect(await live.isSwitched(service)).to.equal(false);
    await delay(100);
    for (const [index, writer] of writers.entries()) {
      const acknowledged = await writer.stop();
      expect(await written(sourceUrl, index + 1)).to.deep.equal(once(acknowledged));
    }
  });

  it('lets writes go on while a long transaction is open, and switches when it ends', async () => {
    await copyAndFollow();
    const long = await openTransaction();
    // its triggers exist already: the transaction is in the way of the pause alone
    await armFence(sourceUrl, fences.source, work);
    await long.query('UPDATE orders SET n = -n WHERE id = 1');
    const writer = startWriter(1);
    logged.length = 0;
    const switching = live.switchOver(
      spec('out', { maxPauseMs: 200 }),
      hooksTo(() => serviceUrl),
      work,
    );
    while (logged.length < 2) await delay(20);
    expect(logged[0]).to.match(/^Writes go on after \d+ ms, and the switch is tried again: .*UPDATE orders/);
    const before = (await written(sourceUrl, 1)) as { rows: number };
    await delay(100);
    expect(((await written(sourceUrl, 1)) as { rows: number }).rows).to.be.greaterThan(before.rows);
    await long.query('COMMIT');
    const switched = await switching;
    await switched.verify(work);
    await switched.close();
    expect(switched.attempts).to.be.greaterThan(2);
    const acknowledged = await writer.stop();
    expect(await written(serviceUrl, 1)).to.deep.equal(once(acknowledged));
    expect(await query(serviceUrl, 'SELECT n FROM orders WHERE id = 1')).to.deep.equal([{ n: -1 }]);
  });

  it('names the transactions for whose end the copy waits', async () => {
    const long = await openTransaction();
    await long.query('UPDATE orders SET n = -n WHERE id = 2');
    const seen: Progress[] = [];
    const report = { ...work.report, progress: (progress: Progress) => void seen.push(progress) };
    await live.publish(out);
    const copying = live.copyAtSlot(plan, out, { ...work, report });
    while (seen.length === 0) await delay(20);
    expect(seen[0]).to.include({ phase: 'waiting' });
    expect(seen[0]?.target).to.match(
      /^the end of .*pid \d+ \(idle in transaction\): UPDATE orders SET n = -n/,
    );
    await long.query('COMMIT');
    expect(await copying).to.equal(4000);
    expect(seen.at(-1)).to.include({ phase: 'copying' });
  });

  /** The service serves, and the source follows it. */
  async function exportLive(): Promise<void> {
    await copyAndFollow();
    const switched = await live.switchOver(
      spec('out'),
      hooksTo(() => serviceUrl),
      work,
    );
    await switched.close();
    await live.unsubscribe(out);
    await live.unpublish(out);
    await live.subscribe(back);
  }

  it('goes on following, and returns with every row, after the service got more tables and columns', async () => {
    await exportLive();
    const additions = `ALTER TABLE orders ADD COLUMN colour text, ADD COLUMN weight int NOT NULL DEFAULT 7;
      ALTER TABLE lines ADD CHECK (line < 1000), ALTER COLUMN line SET NOT NULL; CREATE INDEX ON orders (colour);
      CREATE TABLE tags (order_id bigint REFERENCES orders, tag text); CREATE TEMP TABLE passing (n int); DROP TABLE passing`;
    await query(serviceUrl, additions);
    await query(
      serviceUrl,
      "INSERT INTO orders (writer, n, colour) VALUES (5, 1, 'red'), (5, 2, NULL); INSERT INTO tags VALUES (1, 'x')",
    );
    await query(
      serviceUrl,
      "UPDATE orders SET n = 3, colour = 'blue' WHERE writer = 5 AND n = 2; DELETE FROM orders WHERE writer = 0 AND n = 9",
    );
    expect(await live.additions(back)).to.deep.equal([
      'column public.orders.colour (text)',
      'column public.orders.weight (integer)',
      'table public.tags',
    ]);
    const returned = await live.switchOver(
      spec('back'),
      hooksTo(() => sourceUrl),
      work,
    );
    await returned.verify(work);
    await returned.close();
    expect(
      await query(sourceUrl, 'SELECT n, total::int FROM orders WHERE writer = 5 ORDER BY n'),
    ).to.deep.equal([
      { n: 1, total: 2 },
      { n: 3, total: 6 },
    ]);
    expect(await query(sourceUrl, 'SELECT FROM orders WHERE writer = 0 AND n = 9')).to.deep.equal([]);
  });

  it('lets writes go on while it waits for its triggers', async () => {
    await copyAndFollow();
    const long = await openTransaction();
    await long.query('UPDATE orders SET n = -n WHERE id = 1');
    const writer = startWriter(1);
    logged.length = 0;
    const switching = live.switchOver(
      spec('out', { maxPauseMs: 200 }),
      hooksTo(() => serviceUrl),
      work,
    );
    while (logged.length < 2) await delay(20);
    expect(logged[0]).to.match(/^Waiting for writers \(attempt 1\)/);
    await long.query('COMMIT');
    const switched = await switching;
    await switched.verify(work);
    await switched.close();
    const acknowledged = await writer.stop();
    expect(await written(serviceUrl, 1)).to.deep.equal(once(acknowledged));
  });

  it('keeps the changes of a paused stream, reports how far it is behind, and applies them when it goes on', async () => {
    await copyAndFollow();
    const write = (n: number) =>
      query(
        sourceUrl,
        `WITH o AS (INSERT INTO orders (writer, n) VALUES (7, ${n}) RETURNING id) INSERT INTO lines SELECT id, 1 FROM o`,
      );
    const pauses = [
      () => live.pause(out),
      // a process that drops a subscription may be killed before the last of its statements
      async () => {
        await live.pause(out);
        await query(serviceUrl, `ALTER SUBSCRIPTION ${out.name} SET (slot_name = NONE)`);
      },
    ];
    for (const [index, pause] of pauses.entries()) {
      await pause();
      await write(index + 1);
      expect((await live.lagAfter(out, 100))?.bytes).to.be.greaterThan(0);
      expect(await written(serviceUrl, 7)).to.deep.equal(once(index));
      await live.subscribe(out);
      expect(await live.lagAfter(out, 10_000)).to.deep.equal({ bytes: 0, errors: 0 });
      expect(await written(serviceUrl, 7)).to.deep.equal(once(index + 1));
    }
    await live.unsubscribe(out);
    await live.unpublish(out);
    expect(await live.lagAfter(out, 100)).to.equal(null);
  });

  it('ends after the time for the cut-over, names the transaction, and leaves the source open for writes', async () => {
    await copyAndFollow();
    await armFence(sourceUrl, fences.source, work);
    const long = await openTransaction();
    await long.query('DELETE FROM lines WHERE order_id = 5');
    const error = await live
      .switchOver(
        spec('out', { timeoutMs: 500, maxPauseMs: 100 }),
        hooksTo(() => serviceUrl),
        work,
      )
      .then(
        () => expect.fail('it has switched'),
        (thrown: unknown) => thrown as Error,
      );
    expect(error).to.include({ code: 'switch-timeout' });
    expect(error.message).to.contain('DELETE FROM lines WHERE order_id = 5');
    await query(sourceUrl, 'INSERT INTO orders (writer, n) VALUES (9, 1)');
    expect(await live.isSwitched(service)).to.equal(false);
  });

  it('finds a row that was changed in the copy between the copy and the switch', async () => {
    await copyAndFollow();
    await query(
      serviceUrl,
      'SET session_replication_role = replica; UPDATE orders SET n = 4711 WHERE id = 7',
    );
    const switched = await live.switchOver(
      spec('out'),
      hooksTo(() => serviceUrl),
      work,
    );
    const error = await switched.verify(work).then(
      () => null,
      (thrown: unknown) => thrown as Error,
    );
    await switched.close();
    expect(error).to.include({ code: 'verification-failed' });
    expect(error?.message).to.contain('public.orders (7)');
  });

  it('compares once more, in a pause in which nothing is switched, after the process of a switch has died', async () => {
    await copyAndFollow();
    const route = (): Promise<void> => Promise.reject(new Error('the process has died'));
    const writer = startWriter(1);
    const died = await live.switchOver(spec('out'), { ...hooksTo(() => serviceUrl), route }, work).then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
    expect(died).to.equal('the process has died');
    expect(await live.isSwitched(service)).to.equal(true);
    side = serviceUrl; // the resumed process sets the route first
    letGo();
    await live.unsubscribe(out);
    await live.unpublish(out);
    await live.subscribe(back);
    const again = await live.switchOver(
      spec('back', { stays: true }),
      hooksTo(() => sourceUrl),
      work,
    );
    expect(side).to.equal(serviceUrl);
    await again.verify(work);
    await again.close();
    await delay(50);
    const acknowledged = await writer.stop();
    expect(await written(serviceUrl, 1)).to.deep.equal(once(acknowledged));
  });

  it('refuses a stray writer of the copy until the switch, and of the source after it', async () => {
    await copyAndFollow();
    const insert = 'INSERT INTO orders (writer, n) VALUES (8, 1)';
    const refused = (url: string): Promise<unknown> =>
      query(url, insert).then(
        () => null,
        (error: unknown) => (error as { code: string }).code,
      );
    expect(await refused(serviceUrl)).to.equal(FENCE_SQLSTATE);
    const switched = await live.switchOver(
      spec('out'),
      hooksTo(() => serviceUrl),
      work,
    );
    await switched.close();
    expect(await refused(sourceUrl)).to.equal(FENCE_SQLSTATE);
    await query(serviceUrl, insert);
  });

  it('tells before a switch that a side cannot reach the other one, and leaves nothing', async () => {
    await copyAndFollow();
    const port = await getPort({ host: '127.0.0.1' }); // nothing listens there
    const addressFor = (url: string): Promise<string> =>
      Promise.resolve(Object.assign(new URL(url), { port: String(port) }).href);
    const failure = await createLivePort({ ...options, addressFor })
      .trySubscription(back)
      .catch((error: unknown) => error as Error);
    expect(failure).to.include({ code: 'database-unreachable' });
    expect((failure as Error).message)
      .to.contain(`127.0.0.1:${port}`)
      .and.contain('--cutover=fenced');
    await live.trySubscription(back);
    expect(await live.isSubscribed(back)).to.equal(false);
  });

  it('repeats a copy whose process was killed', async () => {
    await live.publish(out);
    await live.copyAtSlot(plan, out, work);
    await query(sourceUrl, 'INSERT INTO orders (writer, n) VALUES (7, 1)');
    expect(await live.copyAtSlot(plan, out, work)).to.equal(4001);
    await live.subscribe(out);
  });
});

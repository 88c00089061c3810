import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { holdBefore } from '../support/hold-export.ts';
import { openLab, type Lab } from '../support/lab.ts';
import { leftBehind } from '../support/steady-writers.ts';

const TOOL = 'inventory-tracker';
const EXPORT = ['export', `--tool-id=${TOOL}`, '--runtime=local', '--cutover=live'];

describe('a live export that compares answers first', function () {
  this.timeout(600_000);
  let lab: Lab;
  let stopReading: () => Promise<Readonly<Record<number, number>>>;

  before(async () => {
    lab = await openLab();
  });
  after(async () => {
    await lab.close();
  });
  beforeEach(() => {
    stopReading = startReader(`${lab.platformUrl}/api/tools/${TOOL}/items?limit=50`);
  });

  /** Asks for the list without an end; counts the answers by status. */
  function startReader(url: string): typeof stopReading {
    const stopped = new AbortController();
    const seen: Record<number, number> = {};
    const done = (async () => {
      while (!stopped.signal.aborted) {
        const { status } = await fetch(url);
        seen[status] = (seen[status] ?? 0) + 1;
        await delay(20);
      }
    })();
    return async () => {
      stopped.abort();
      await done;
      return seen;
    };
  }

  async function query(sql: string, database?: string): Promise<pg.QueryResult> {
    const url = new URL(await lab.databaseUrl());
    if (database !== undefined) url.pathname = database;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }

  it('stops before the switch when the service answers otherwise, names the difference, and rolls back', async () => {
    const hold = await holdBefore(lab, 'compare-answers');
    const ended = lab.gulpJson(...EXPORT, '--shadow=1h');
    await hold.reached(ended);
    await query(
      'SET session_replication_role = replica; UPDATE inventory_items SET quantity = quantity + 1',
      'inventory_tracker_db',
    );
    await hold.release();
    const { code, report } = await ended;
    expect(code).to.equal(4);
    expect(report.findings.at(-1)?.message).to.match(
      /^The service answers otherwise than the monolith \(\d+ of \d+ compared\):\nGET \/items\?limit=50: body at \/data\/0\/quantity: \d+, and \d+ of the service\nCorrect/,
    );
    expect(report.result?.['cutover']).to.equal(undefined);
    expect(Object.keys(await stopReading())).to.deep.equal(['200']);
    const client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    expect(await leftBehind(client)).to.deep.equal([]);
    expect((await client.query('SELECT FROM tool_shadows')).rowCount).to.equal(0);
    await client.end();
  });

  it('switches when all answers are the same, and reports how many were compared, also after a kill', async () => {
    const killed = lab.spawnGulp(...EXPORT, '--shadow=2s', '--silent');
    while ((await query('SELECT FROM tool_shadows')).rowCount === 0) {
      expect(killed.exitCode).to.equal(null);
      await delay(50);
    }
    killed.kill('SIGKILL');
    await once(killed, 'close');
    const { code, report } = await lab.gulpJson(...EXPORT, '--shadow=2s', '--resume');
    expect(code, JSON.stringify(report.findings)).to.equal(0);
    const { shadow } = report.result?.['cutover'] as { shadow: Record<string, number> };
    expect(shadow).to.include({ differing: 0, unstable: 0 });
    expect(shadow['compared']).to.be.greaterThan(10);
    expect(Object.keys(await stopReading())).to.deep.equal(['200']);
    expect((await lab.gulp('rollback', `--tool-id=${TOOL}`, '--silent')).code).to.equal(0);
  });
});

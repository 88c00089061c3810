import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import pg from 'pg';
import pino from 'pino';
import sinon from 'sinon';
import type { Job } from '../../../../contracts/job.ts';
import { rollBackAbandonedExports } from '../../../../monolith/server/platform/supervised-exports.ts';
import { migrate } from '../../../../registry-api/store/migrate.ts';
import { createDatabase } from '../../../support/postgres.ts';

const MINUTES = 60_000;

describe('exports whose process has died', () => {
  let pool: pg.Pool;
  let clock: sinon.SinonFakeTimers;
  let rolledBack: string[];
  before(async () => {
    const url = await createDatabase();
    await migrate(url, 'migrations');
    pool = new pg.Pool({ connectionString: url, max: 2 });
  });
  after(() => pool.end());
  beforeEach(async () => {
    await pool.query('TRUNCATE export_jobs CASCADE');
    rolledBack = [];
    clock = sinon.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => clock.restore());

  async function interrupted(
    toolId: string,
    ...changes: readonly (readonly [kind: string, state: string])[]
  ): Promise<void> {
    const id = randomUUID();
    await pool.query(
      "INSERT INTO export_jobs (id, tool_id, status, started_at) VALUES ($1, $2, 'interrupted', now())",
      [id, toolId],
    );
    for (const [index, [kind, state]] of changes.entries())
      await pool.query('INSERT INTO export_journal (job_id, seq, state, change) VALUES ($1, $2, $3, $4)', [
        id,
        index + 1,
        state,
        JSON.stringify({ kind, step: 'database', target: toolId }),
      ]);
  }
  const supervise = (afterS: number | null): (() => Promise<void>) =>
    rollBackAbandonedExports({
      pool,
      afterS,
      logger: pino({ level: 'silent' }),
      jobRunner: {
        rollback: (job: Pick<Job, 'toolId'>) => {
          rolledBack.push(job.toolId);
          return Promise.resolve();
        },
      },
    });

  it('are rolled back soon where the tool refuses writes, and after an hour where a copy follows them', async () => {
    await interrupted('fenced', ['fence-tables', 'done'], ['copy-tables', 'started']);
    await interrupted('switching', ['publish-changes', 'done'], ['switch-over', 'started']);
    await interrupted('following', ['publish-changes', 'done'], ['copy-tables', 'started']);
    const look = supervise(15);
    await look();
    expect(rolledBack).to.deep.equal([]);
    clock.tick(15_000);
    await look();
    expect(rolledBack).to.have.members(['fenced', 'switching']);
    await pool.query("DELETE FROM export_jobs WHERE tool_id <> 'following'");
    clock.tick(59 * MINUTES);
    await look();
    expect(rolledBack).not.to.include('following');
    clock.tick(MINUTES);
    await look();
    expect(rolledBack).to.include('following');
  });

  it('are left alone when they hold nothing that harms, or when that is turned off', async () => {
    await interrupted('building', ['create-service', 'done']);
    await interrupted('undone', ['fence-tables', 'undone'], ['publish-changes', 'undone']);
    const look = supervise(15);
    await look();
    clock.tick(120 * MINUTES);
    await look();
    await interrupted('fenced', ['fence-tables', 'done']);
    const never = supervise(null);
    await never();
    clock.tick(120 * MINUTES);
    await never();
    expect(rolledBack).to.deep.equal([]);
  });
});

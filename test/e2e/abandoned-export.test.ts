import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { takeFingerprint } from '../support/fingerprint.ts';
import { JournalBreakpoint } from '../support/journal-breakpoint.ts';
import { openLab, type Lab } from '../support/lab.ts';

const EXPORT = [
  ...['export', '--tool-id=inventory-tracker', '--runtime=local', '--cutover=fenced', '--silent'],
];

describe('an export whose process dies while the tool refuses writes', function () {
  this.timeout(300_000);
  let lab: Lab;
  let db: pg.Client;
  before(async () => {
    lab = await openLab({ env: { PLATFORM_ROLLBACK_ABANDONED: '1' } });
    db = new pg.Client({ connectionString: await lab.databaseUrl() });
    await db.connect();
  });
  after(async () => {
    await db.end();
    await lab.close();
  });

  it('the platform rolls back an export whose process died, and the tool accepts writes again', async () => {
    const start = await takeFingerprint(lab);
    const planned = await lab.gulpJson(...EXPORT.slice(0, -1), '--dry-run');
    const seq =
      planned.report.changes.findIndex(({ summary, target }) => /fence/i.test(`${summary} ${target}`)) + 1;
    expect(seq, JSON.stringify(planned.report.changes)).to.be.greaterThan(0);
    const breakpoint = await JournalBreakpoint.install(lab);
    await breakpoint.stopAt([{ seq, state: 'done' }]);
    expect(await breakpoint.killNext(() => lab.spawnGulp(...EXPORT))).not.to.equal(null);
    await breakpoint.remove();
    const status = async (): Promise<string | undefined> =>
      (await db.query<{ status: string }>('SELECT status FROM export_jobs ORDER BY ordinal DESC LIMIT 1'))
        .rows[0]?.status;
    while ((await status()) !== 'rolled_back') await delay(100);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });
});

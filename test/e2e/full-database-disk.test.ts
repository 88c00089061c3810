import { expect } from 'chai';
import path from 'node:path';
import pg from 'pg';
import { takeFingerprint, type Fingerprint } from '../support/fingerprint.ts';
import { dieAgain, dieAtFirstChange } from '../support/interrupted-job.ts';
import { JournalBreakpoint } from '../support/journal-breakpoint.ts';
import { openLab, type Lab } from '../support/lab.ts';
import { moveToSmallDisk } from '../support/small-disk.ts';

const TOOL = 'inventory-tracker';
const EXPORT = ['export', `--tool-id=${TOOL}`, '--runtime=local', '--silent', '--resume'];

/** Needs root: mounts a real file system of a limited size. */
describe("an export that fills PostgreSQL's disk", function () {
  this.timeout(600_000);
  let lab: Lab;
  let db: pg.Client;
  let start: Fingerprint;
  before(async () => {
    lab = await openLab();
    start = await takeFingerprint(lab);
    db = new pg.Client({ connectionString: await lab.databaseUrl() });
    await db.connect();
    // Enough rows that the disk fills up while an index is built
    await db.query(
      `INSERT INTO inventory_items (sku, name, location) SELECT 'FILL-' || i, 'Filled', 'Shelf ' || i FROM generate_series(1, 20000) i`,
    );
    start = await takeFingerprint(lab);
    await dieAtFirstChange(lab, TOOL);
  });
  after(async () => {
    await db.end();
    await lab.close();
  });

  /** Runs the export into a database with this many bytes of disk space. */
  async function exportInto(room: number): Promise<{ code: number; stdout: string }> {
    const { rows } = await db.query<{ seq: number }>(
      `SELECT n::int AS seq FROM export_jobs, jsonb_array_elements(plan->'changes') WITH ORDINALITY AS c (change, n) WHERE change->>'kind' = 'copy-tables'`,
    );
    const breakpoint = await JournalBreakpoint.install(lab);
    const moment = { seq: rows[0]!.seq, state: 'started' } as const;
    await breakpoint.stopAt([moment]);
    const child = lab.spawnGulp(...EXPORT);
    let stdout = '';
    child.stdout?.on('data', (text: Buffer) => (stdout += text.toString()));
    const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 137)));
    await breakpoint.reached(child);
    const data = path.join(lab.root, '.platform/postgres');
    const disk = await moveToSmallDisk(db, 'inventory_tracker_db', { data, room });
    try {
      await breakpoint.release(moment);
      return { code: await ended, stdout };
    } finally {
      await breakpoint.remove();
      await disk.remove();
    }
  }

  const KB = 1024;
  const ROOMS: readonly (readonly [what: string, says: RegExp, room: number])[] = [
    ['before the first connection', /could not write init file/, 24 * KB],
    ['while it copies rows', /could not extend file/, 1_024 * KB],
    ['while it builds an index', /INDEX public\.inventory_items/, 5_000 * KB],
  ];
  for (const [what, says, room] of ROOMS)
    it(`rolls back completely when the disk is full ${what}`, async () => {
      const { code, stdout } = await exportInto(room);
      expect(code, stdout).to.equal(4);
      expect(stdout)
        .to.match(says)
        .and.to.match(
          /Export failed: Migrate Database: .*No space left on device\. The disk of PostgreSQL is full\. Free some space there, then export again\./,
        );
      expect(stdout).to.contain('Rollback completed successfully');
      expect(await takeFingerprint(lab)).to.deep.equal(start);
      const { report } = await lab.gulpJson('status', `--tool-id=${TOOL}`);
      const { tools } = report.result as { tools: { jobStatus: string; open: number }[] };
      expect(tools[0]).to.include({ jobStatus: 'rolled_back', open: 0 });
      await dieAgain(lab, TOOL);
    });
});

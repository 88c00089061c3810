import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { openDockerLab, type DockerLab } from '../../support/docker-lab.ts';
import { enginePicture } from '../../support/docker-picture.ts';
import { JournalBreakpoint } from '../../support/journal-breakpoint.ts';
import { expectEachOnce, leftBehind, startWriter, type SteadyWriter } from '../../support/steady-writers.ts';

const TOOL = 'inventory-tracker';
const EXPORT = ['export', `--tool-id=${TOOL}`, '--runtime=docker', '--cutover=live', '--silent'];
const ROLLBACK = ['rollback', `--tool-id=${TOOL}`, '--silent'];

describe('a live export into containers', function () {
  this.timeout(900_000);
  let lab: DockerLab;
  let untouched: Awaited<ReturnType<typeof enginePicture>>;
  let client: pg.Client;
  let breakpoint: JournalBreakpoint;
  const writers: SteadyWriter[] = [];

  before(async () => {
    lab = await openDockerLab({ compose: 2 });
    untouched = await enginePicture(lab.engine);
    client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    breakpoint = await JournalBreakpoint.install(lab);
  });
  after(async () => {
    await Promise.allSettled(writers.map((writer) => writer.stop()));
    await breakpoint.remove();
    await client.end();
    await lab.gulp(...ROLLBACK, '--discard-writes');
    await lab.close();
  });

  async function more(n: number): Promise<void> {
    const wanted = writers.map((writer) => writer.count() + n);
    while (writers.some((writer, i) => writer.count() < wanted[i]!)) await delay(20);
  }

  /** Place of the change in the journal, from 1. */
  async function placeOf(kind: string): Promise<number> {
    const { report } = await lab.gulpJson(...EXPORT.slice(0, -1), '--dry-run');
    return report.changes.findIndex(({ summary }) => summary.startsWith(`${kind} `)) + 1;
  }

  it('leaves the writers alone while images are built and rows copied, and switches after a kill and a resumption', async () => {
    const { platformUrl, gatewayUrl } = lab;
    const old = `/api/tools/${TOOL}`;
    const bases = [platformUrl, gatewayUrl].flatMap((url) => [`${url}${old}`, `${url}/api/${TOOL}`]);
    const seq = await placeOf('switch-over');
    for (const [i, base] of bases.entries()) writers.push(startWriter(`${base}/items`, `LIVE-${i}`));
    await more(1);
    await breakpoint.stopAt([{ seq, state: 'started' }]);
    expect(await breakpoint.killNext(() => lab.spawnGulp(...EXPORT))).to.deep.equal({
      seq,
      state: 'started',
    });
    await more(5);
    const { code, report } = await lab.gulpJson(...EXPORT.slice(0, -1), '--resume');
    expect(code, JSON.stringify(report.findings)).to.equal(0);
    expect(report.result?.['cutover']).to.include({ mode: 'live' });
    await more(20);
  });

  it('follows the service again after its database was restarted', async () => {
    for (const writer of writers.splice(0)) expectOnlyHeld(await stopped(writer));
    await (await lab.container(`${TOOL}-db`)).restart();
    const item = async (): Promise<number> => {
      const response = await fetch(`${lab.gatewayUrl}/api/${TOOL}/items`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ sku: 'AFTER-1', name: 'Made after the restart' }),
      });
      return response.status;
    };
    while ((await item()) !== 201) await delay(200);
    const found = (): Promise<pg.QueryResult> =>
      client.query("SELECT name FROM inventory_items WHERE sku = 'AFTER-1'");
    while ((await found()).rowCount === 0) await delay(100);
    expect((await found()).rows).to.deep.equal([{ name: 'Made after the restart' }]);
  });

  const all: Awaited<ReturnType<SteadyWriter['stop']>>[] = [];
  async function stopped(writer: SteadyWriter): Promise<(typeof all)[number]> {
    const written = await writer.stop();
    all.push(written);
    return written;
  }

  function expectOnlyHeld({ others }: (typeof all)[number]): void {
    expect(
      Object.keys(others).filter((status) => status !== '503'),
      JSON.stringify(others),
    ).to.deep.equal([]);
    expect(others['503'] ?? 0, JSON.stringify(others)).to.be.at.most(1);
  }

  it('rolls back without a copy while writers go on, also when it is killed after its database is gone', async () => {
    const old = `${lab.platformUrl}/api/tools/${TOOL}/items`;
    for (const [i, url] of [old, `${lab.gatewayUrl}/api/${TOOL}/items`].entries())
      writers.push(startWriter(url, `BACK-${i}`));
    await more(5);
    const { rows } = await client.query<{ seq: number }>(
      "SELECT seq FROM export_journal WHERE change->>'kind' = 'start-database-container'",
    );
    const moment = { seq: rows[0]!.seq, state: 'undone' } as const;
    await breakpoint.stopAt([moment]);
    expect(await breakpoint.killNext(() => lab.spawnGulp(...ROLLBACK))).to.deep.equal(moment);
    const { code, stdout } = await lab.gulp(...ROLLBACK);
    expect(code, stdout).to.equal(0);
    await more(5);
    for (const writer of writers.splice(0)) expectOnlyHeld(await stopped(writer));
    await expectEachOnce(client, all);
    expect(await leftBehind(client)).to.deep.equal([]);
    expect(await enginePicture(lab.engine)).to.deep.equal(untouched);
  });
});

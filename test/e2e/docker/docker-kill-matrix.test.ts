import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { pictureAt, type DatabasePicture } from '../../support/database-picture.ts';
import { projectNameOf } from '../../../exporter/adapters/docker/project.ts';
import { gatewayPicture, openDockerLab, type DockerLab } from '../../support/docker-lab.ts';
import { enginePicture } from '../../support/docker-picture.ts';
import { takeFingerprint, type Fingerprint } from '../../support/fingerprint.ts';
import { JournalBreakpoint, type Moment } from '../../support/journal-breakpoint.ts';

const TOOL = 'inventory-tracker';
const EXPORT = ['export', `--tool-id=${TOOL}`, '--runtime=docker', '--cutover=fenced', '--silent'];
const RESUME = [...EXPORT, '--resume'];
const ROLLBACK = ['rollback', `--tool-id=${TOOL}`, '--silent'];

interface Picture {
  readonly fingerprint: Fingerprint;
  readonly engine: readonly string[];
  readonly gateway: string;
  /** `null` when no database container exists. */
  readonly exported: DatabasePicture | null;
}

/**
 * The breakpoints come from the journal of a successful export: every change of the infrastructure step, and all other
 * changes that concern a container. `KILL_MATRIX=full` uses the changes of all steps.
 */
describe('SIGKILL before and after every change of the docker runtime', function () {
  this.timeout(1_800_000);
  let lab: DockerLab;
  let breakpoint: JournalBreakpoint;
  let start: Picture;
  let complete: Picture;
  let changes: readonly number[];
  let kills = 0;

  before(async () => {
    lab = await openDockerLab({ compose: 2 });
    start = await picture();
    const { code, report } = await lab.gulpJson(...EXPORT.slice(0, -1));
    expect(code, JSON.stringify(report.findings)).to.equal(0);
    complete = await picture();
    expect(Object.keys(complete.exported?.rows ?? {}), 'the database of the export').to.include(
      'inventory_items',
    );
    changes = await changesOf(report.jobId ?? '');
    breakpoint = await JournalBreakpoint.install(lab);
  });
  after(async () => {
    await breakpoint.remove();
    await lab.gulp(...ROLLBACK, '--discard-writes');
    await lab.close();
    console.log(`      kill matrix of the docker runtime: ${kills} kills over ${changes.length} changes`);
  });

  /** Everything except image ids, which differ with every build. */
  async function picture(): Promise<Picture> {
    const { images, ...engine } = await enginePicture(lab.engine);
    const tags = images.map((image) => image.split(' ').slice(0, -1).join(' '));
    return {
      fingerprint: await takeFingerprint(lab),
      engine: [...Object.values(engine).flat(), ...tags] as string[],
      gateway: await gatewayPicture(lab),
      exported: await exportedDatabase(),
    };
  }

  async function exportedDatabase(): Promise<DatabasePicture | null> {
    const label = [`com.docker.compose.service=${TOOL}-db`];
    const running = await lab.engine.listContainers({ filters: { label } });
    const port = running.flatMap((container) => container.Ports).find((p) => p.PublicPort)?.PublicPort;
    if (port === undefined) return null;
    const password = await readFile(path.join(lab.root, '.platform/secrets/inventory_tracker_admin'), 'utf8');
    const login = { host: '127.0.0.1', port, user: 'dbuser', password: password.trim() };
    return pictureAt({ ...login, database: 'inventory_tracker_db' });
  }

  async function changesOf(jobId: string): Promise<readonly number[]> {
    const client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    const { rows } = await client.query<{ seq: number; step: string; kind: string }>(
      `SELECT seq, change ->> 'step' AS step, change ->> 'kind' AS kind FROM export_journal WHERE job_id = $1 ORDER BY seq`,
      [jobId],
    );
    await client.end();
    const full = process.env['KILL_MATRIX'] === 'full';
    return rows
      .filter(({ step, kind }) => full || step === 'infrastructure' || kind.includes('container'))
      .map(({ seq }) => seq);
  }

  /** Runs the command repeatedly, killed once at each breakpoint, until it completes. */
  async function killAtEach(
    states: readonly [Moment['state'], Moment['state']],
    first: readonly string[],
    then: readonly string[],
  ): Promise<void> {
    await breakpoint.stopAt(changes.flatMap((seq) => states.map((state) => ({ seq, state }))));
    let killed = 0;
    while ((await breakpoint.killNext(() => lab.spawnGulp(...(killed === 0 ? first : then)))) !== null)
      killed += 1;
    kills += killed;
    expect(killed).to.equal(2 * changes.length);
  }

  it('restores the initial state when a rollback is killed at each change and run again', async () => {
    expect(changes.length, 'changes that containers need').to.be.greaterThan(5);
    await killAtEach(['undoing', 'undone'], ROLLBACK, ROLLBACK);
    expect(await picture()).to.deep.equal(start);
  });

  it('refuses an export whose container name is already in use, and keeps that container', async () => {
    const name = `${projectNameOf(lab.root)}-${TOOL}-web-1`;
    const container = await lab.engine.createContainer({ name, Image: lab.images.PLATFORM_NODE_IMAGE });
    const { code, report } = await lab.gulpJson(...EXPORT.slice(0, -1));
    expect(code).to.equal(3);
    expect(report.findings.map(({ message }) => message)).to.include(`A container ${name} is there already`);
    await container.remove();
    expect(await picture()).to.deep.equal(start);
  });

  it('completes an export that is killed at each change and resumed', async () => {
    await killAtEach(['started', 'done'], EXPORT, RESUME);
    expect(await picture()).to.deep.equal(complete);
    expect((await fetch(`${lab.gatewayUrl}/api/${TOOL}/items?limit=1`)).status).to.equal(200);
  });
});

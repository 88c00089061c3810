import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CANCELLED_BY_REQUEST, type Job } from '../../contracts/job.ts';
import { isolatedPrefix } from '../../exporter/adapters/isolation/isolated-prefix.ts';
import { listProcesses } from '../../registry-api/processes.ts';
import { takeFingerprint, type Fingerprint } from '../support/fingerprint.ts';
import { openLab, type Lab } from '../support/lab.ts';

const EXPORT = ['export', '--runtime=local', '--tool-id=inventory-tracker', '--silent'];

describe('an export that is interrupted', function () {
  this.timeout(600_000);
  let lab: Lab;
  let start: Fingerprint;
  before(async () => {
    // A cached build would finish before the signal arrives, so this suite has its own cache
    lab = await openLab({ env: { PLATFORM_BUILD_CACHE: 'cache/own' } });
    start = await takeFingerprint(lab);
  });
  after(() => lab.close());

  const latestJob = async (): Promise<Job | undefined> => {
    const list = await fetch(`${lab.platformUrl}/api/tools/export/jobs?toolId=inventory-tracker&limit=1`);
    const { data } = (await list.json()) as { data: Job[] };
    return data[0];
  };

  /** Waits until a step of the newest job is in progress. */
  async function untilAt(step: string, alive: () => boolean): Promise<string> {
    while (alive()) {
      const job = await latestJob();
      if (job?.status === 'in_progress' && job.steps.some((s) => s.id === step && s.status === 'in_progress'))
        return job.id;
      await delay(50);
    }
    throw new Error(`the export ended before ${step}`);
  }

  async function ended(child: ChildProcess): Promise<{ code: number | null; output: string }> {
    let output = '';
    child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, output };
  }

  // In this order each test finds the earlier step in the build cache, but not its own
  for (const step of ['backend', 'frontend'])
    it(`rolls back and exits with 130 on Ctrl-C in the ${step} step`, () => interruptedAt(step));

  async function interruptedAt(step: string): Promise<void> {
    const child = lab.spawnGulp(...EXPORT);
    const end = ended(child);
    await untilAt(step, () => child.exitCode === null);
    child.kill('SIGINT');
    const { code, output } = await end;
    expect(code, output).to.equal(130);
    expect(output).to.contain('Rollback completed successfully');
    const job = await latestJob();
    expect(job).to.deep.include({ status: 'rolled_back', outcome: 'cancelled' });
    expect(job, 'the user of the terminal').to.have.property('cancelledBy').that.matches(/.@./);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  }

  it('prints the remaining changes on a second Ctrl-C, and completes the rollback', async () => {
    const child = lab.spawnGulp(...EXPORT);
    const end = ended(child);
    await untilAt('frontend', () => child.exitCode === null);
    child.kill('SIGINT');
    await delay(100);
    child.kill('SIGINT');
    const { code, output } = await end;
    expect(code, output).to.equal(130);
    expect(output).to.match(
      /If you force-quit now, \d+ changes remain:\n(?: {2}.*\n)*? {2}create-service apps\/inventory-tracker-api\n/,
    );
    expect(output).to.match(/To undo them later, run: npx gulp rollback --job-id=[0-9a-f-]{36}/);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('ends compilers orphaned by SIGKILL before the rollback deletes their folders', async () => {
    const child = lab.spawnWith({ PLATFORM_BUILD_CACHE: 'off' }, 'gulp', ...EXPORT);
    const end = ended(child);
    const compilers = async (): Promise<number> =>
      (await listProcesses()).filter(
        ({ command }) => /tsc -p/.test(command) && command.includes(isolatedPrefix(lab.root)),
      ).length;
    while ((await compilers()) === 0) await delay(10);
    child.kill('SIGKILL');
    await end;
    expect(await compilers(), 'compilers that go on').to.be.greaterThan(0);
    const back = await lab.gulp('rollback', '--tool-id=inventory-tracker', '--silent');
    expect(back.code, back.stdout).to.equal(0);
    expect(await compilers(), 'compilers after the rollback').to.equal(0);
    expect(existsSync(path.join(lab.root, 'apps')), 'apps/').to.equal(false);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('ends as cancelled and rolls back completely when cancelled through the API', async () => {
    const accepted = await fetch(`${lab.platformUrl}/api/tools/inventory-tracker/export`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dryRun: false, runtime: 'local', cutover: 'auto' }),
    });
    expect(accepted.status, await accepted.clone().text()).to.equal(202);
    const id = await untilAt('frontend', () => true);
    const cancelled = await fetch(`${lab.platformUrl}/api/tools/export/jobs/${id}/cancel`, {
      method: 'POST',
    });
    expect(cancelled.status, await cancelled.text()).to.equal(202);
    let job = await latestJob();
    while (job?.status === 'in_progress') {
      await delay(100);
      job = await latestJob();
    }
    expect(job).to.deep.include({ status: 'cancelled', outcome: 'cancelled' });
    expect(job?.error).to.include({ code: 'cancelled', message: CANCELLED_BY_REQUEST });
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('rolls back and exits with 130 on Ctrl-C in the database step', () => interruptedAt('database'));
});

describe('two exports of one tool at once', function () {
  this.timeout(600_000);

  it('refuses the second of two simultaneous exports, naming the holder of the lock and its start', async () => {
    const lab = await openLab();
    const start = await takeFingerprint(lab);
    const results = await Promise.all([1, 2, 3].map(() => lab.gulp(...EXPORT)));
    const losers = results.filter((r) => r.code !== 0);
    expect(
      results.filter((r) => r.code === 0),
      results.map((r) => r.stdout).join('\n'),
    ).to.have.length(1);
    for (const loser of losers) {
      expect(loser.code).to.equal(3);
      expect(loser.stdout).to.match(/is locked by export inventory-tracker \d+@\S+ since \d{4}-/);
    }
    expect((await lab.gulp('rollback', '--tool-id=inventory-tracker', '--silent')).code).to.equal(0);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
    await lab.close();
  });
});

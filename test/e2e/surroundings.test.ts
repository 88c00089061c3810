import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { parseSettings } from '../../contracts/settings.ts';
import { resolveDatabase, stopEmbedded } from '../../registry-api/store/embedded/index.ts';
import { dieAgain, dieAtFirstChange } from '../support/interrupted-job.ts';
import { takeFingerprint, type Fingerprint } from '../support/fingerprint.ts';
import { JournalBreakpoint } from '../support/journal-breakpoint.ts';
import { openLab, type CliResult, type Lab } from '../support/lab.ts';
import { fillUp, makeReadOnly } from '../support/hostile-folder.ts';

const TOOL = 'inventory-tracker';
const EXPORT = ['export', `--tool-id=${TOOL}`, '--runtime=local'];

/** Every fault is real, and happens during an export that has begun to make changes. */
describe('an export whose environment changes while it runs', function () {
  this.timeout(600_000);
  let lab: Lab;
  let start: Fingerprint;
  /** The plan's targets, in the order of the journal. */
  let targets: readonly string[];
  before(async () => {
    lab = await openLab();
    start = await takeFingerprint(lab);
    await dieAtFirstChange(lab, TOOL);
    const client = new pg.Client({ connectionString: await lab.databaseUrl() });
    await client.connect();
    const { rows } = await client.query<{ changes: { step: string; target: string }[] }>(
      `SELECT plan->'changes' AS changes FROM export_jobs`,
    );
    await client.end();
    targets = rows[0]!.changes.map((change) => `${change.step} ${change.target}`);
  });
  after(() => lab.close());
  let first = true;
  beforeEach(async () => {
    if (!first) await dieAgain(lab, TOOL);
    first = false;
  });

  interface Trouble {
    /** Matches the change before which the export is paused. */
    readonly at: RegExp;
    readonly cause: (child: ChildProcess) => Promise<unknown>;
  }

  /** Pauses an export at a change, causes the fault, and lets the export run to its end. */
  async function exportInto({ at, cause }: Trouble): Promise<CliResult> {
    const seq = targets.findIndex((target) => at.test(target)) + 1;
    expect(seq, String(at)).to.be.greaterThan(1);
    const breakpoint = await JournalBreakpoint.install(lab);
    try {
      await breakpoint.stopAt([{ seq, state: 'started' }]);
      const child = lab.spawnGulp(...EXPORT, '--resume', '--silent');
      const end = ended(child);
      const moment = await breakpoint.reached(child).catch(async (error: unknown) => {
        throw new Error(JSON.stringify(await end), { cause: error });
      });
      await cause(child);
      await breakpoint.release(moment).catch(() => undefined); // the fault may have stopped PostgreSQL
      return await end;
    } finally {
      await breakpoint.remove();
    }
  }

  /** Expects that the export failed, printed these words, and rolled back completely. */
  async function expectRolledBack(result: CliResult, ...words: readonly (string | RegExp)[]): Promise<void> {
    expect(result.code, result.stdout + result.stderr).to.equal(4);
    for (const word of words)
      if (typeof word === 'string') expect(result.stdout).to.contain(word);
      else expect(result.stdout).to.match(word);
    expect(result.stdout).to.contain('Rollback completed successfully');
    expect(await takeFingerprint(lab)).to.deep.equal(start);
    const { report } = await lab.gulpJson('status', `--tool-id=${TOOL}`);
    const tools = (report.result as { tools: { jobStatus: string; open: number; exported: boolean }[] })
      .tools;
    expect(tools[0]).to.include({ jobStatus: 'rolled_back', open: 0, exported: false });
  }

  it('rolls back completely when the disk is full, and names the file', async () => {
    const folder = await fillUp(path.join(lab.root, 'apps'));
    try {
      const result = await lab.runWith(
        folder.env,
        ...folder.command('gulp', ...EXPORT, '--resume', '--silent'),
      );
      await expectRolledBack(result, folder.says, /Export failed: Generate Backend Service/, 'export again');
    } finally {
      await folder.restore();
    }
  });

  it('rolls back completely when a folder is read-only, and names the folder', async () => {
    const folder = await makeReadOnly(path.join(lab.root, 'gateway/conf.d'));
    try {
      const result = await lab.gulp(...EXPORT, '--resume', '--silent');
      await expectRolledBack(result, folder.says, 'gateway/conf.d', /Export failed: Update Infrastructure/);
    } finally {
      await folder.restore();
    }
  });

  it('rolls back completely over a new connection when PostgreSQL restarts', async () => {
    const result = await exportInto({
      at: /^frontend /,
      async cause() {
        const settings = parseSettings(lab.env);
        await stopEmbedded(settings, lab.root);
        await resolveDatabase(settings, lab.root);
      },
    });
    await expectRolledBack(result, 'connection that holds the lock was lost');
  });

  it('changes nothing more when another process has rolled back its job while it was paused', async () => {
    const result = await exportInto({
      at: /^frontend /,
      async cause(child) {
        child.kill('SIGSTOP');
        const client = new pg.Client({ connectionString: await lab.databaseUrl() });
        await client.connect();
        await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^export '`,
        );
        await client.end();
        const back = await lab.gulp('rollback', `--tool-id=${TOOL}`, '--silent');
        expect(back.code, back.stdout + back.stderr).to.equal(0);
        child.kill('SIGCONT');
      },
    });
    expect(result.code, result.stdout).to.equal(5);
    expect(result.stdout).to.match(/was taken over by another process and is now rolled_back/);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('rolls back completely when the platform stops', async () => {
    const result = await exportInto({ at: /^database /, cause: () => lab.stopPlatform() });
    await lab.startPlatform();
    await expectRolledBack(result, 'has stopped answering while the export ran', 'npm start');
  });

  it('rolls back completely when another program takes the port after the preflight', async () => {
    let thief: Server | undefined;
    const result = await exportInto({
      at: /on port \d+$/,
      async cause() {
        const port = Number(
          /on port (\d+)$/.exec(targets.find((target) => / on port /.test(target)) ?? '')?.[1],
        );
        thief = createServer((socket) => socket.resume().end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
        await new Promise<void>((resolve) => thief?.listen(port, '127.0.0.1', resolve));
      },
    });
    await new Promise((resolve) => thief?.close(resolve));
    await expectRolledBack(result, 'another program has taken the port', '--port=N');
  });

  const inLab = (file: string): string => path.join(lab.root, file);
  const head = async (): Promise<string> => (await lab.run('git', 'rev-parse', 'HEAD')).stdout.trim();
  /** Reverts the edits after the export, as their author would. */
  const revertEdits = (commit: string): Promise<unknown> =>
    lab.run('git', 'reset', '--quiet', '--hard', commit);

  it('rolls back completely when a commit is made during the export, and keeps the commit', async () => {
    const file = `tools/${TOOL}/backend/index.ts`;
    const before = await head();
    let after = '';
    const result = await exportInto({
      at: /^frontend /,
      async cause() {
        await appendFile(inLab(file), '// committed meanwhile\n');
        await lab.run('git', 'add', file);
        await lab.run('git', 'commit', '--quiet', '-m', 'Go on with the tool');
        after = await head();
      },
    });
    expect(await head())
      .to.equal(after)
      .and.not.to.equal(before);
    expect((await lab.run('git', 'status', '--porcelain')).stdout).to.equal('');
    expect(await readFile(inLab(file), 'utf8')).to.contain('// committed meanwhile');
    await revertEdits(before);
    await expectRolledBack(result, `HEAD was ${before.slice(0, 12)}`, `is ${after.slice(0, 12)} now`);
  });

  const EDITS: readonly (readonly [what: string, file: string])[] = [
    ['a file of the tool', `tools/${TOOL}/backend/index.ts`],
    ['its manifest', `tools/${TOOL}/manifest.json`],
    ['a template', 'templates/service/src/server.ts.ejs'],
  ];
  for (const [what, file] of EDITS)
    it(`rolls back completely when ${what} is edited during the export, and keeps the edit`, async () => {
      const result = await exportInto({ at: /^frontend /, cause: () => appendFile(inLab(file), ' \n') });
      expect((await lab.run('git', 'status', '--porcelain')).stdout).to.equal(` M ${file}\n`);
      await revertEdits('HEAD');
      await expectRolledBack(
        result,
        `Changed since the plan was made: ${file}.`,
        'Commit them, then export again',
      );
    });

  it('completes when files that it does not read are edited', async () => {
    const result = await exportInto({
      at: /^frontend /,
      async cause() {
        await writeFile(inLab('docs/notes.md'), 'Notes\n');
        await writeFile(inLab('tools/notes.txt'), 'Not a tool\n');
        await lab.run('git', 'add', 'docs/notes.md');
      },
    });
    expect(result.code, result.stdout).to.equal(0);
    await revertEdits('HEAD');
    await lab.run('rm', 'tools/notes.txt');
    expect((await lab.gulp('rollback', `--tool-id=${TOOL}`, '--silent')).code).to.equal(0);
    expect(await takeFingerprint(lab)).to.deep.equal(start);
  });

  it('rolls back its own changes, and keeps all edits made by hand during the export', async () => {
    const [tool, compose] = [`tools/${TOOL}/backend/index.ts`, 'docker-compose.poc.yml'];
    const generated = [
      `apps/${TOOL}-api/src/index.ts`,
      `apps/${TOOL}-api/package.json`,
      `apps/${TOOL}-web/src/main.ts`,
      `gateway/conf.d/${TOOL}.conf`,
    ];
    const edit = '\n# edited by hand\n';
    const added = { [`apps/${TOOL}-api/notes/todo.md`]: 'mine', [`apps/${TOOL}-web/logo.png`]: '\x89PNG\0' };
    const result = await exportInto({
      at: /^health /,
      async cause(child) {
        await mkdir(inLab(`apps/${TOOL}-api/notes`));
        for (const [file, text] of Object.entries(added)) await writeFile(inLab(file), text, 'latin1');
        for (const file of [tool, compose, ...generated]) await appendFile(inLab(file), edit);
        child.kill('SIGINT');
      },
    });
    expect(result.code, result.stdout).to.equal(130);
    expect((await lab.run('git', 'status', '--porcelain')).stdout).to.equal(` M ${compose}\n M ${tool}\n`);
    const { stdout: committed } = await lab.run('git', 'show', `HEAD:${compose}`);
    expect(await readFile(inLab(compose), 'utf8')).to.equal(`${committed}${edit}`);
    for (const file of generated) {
      expect(result.stdout).to.contain(`${file} was edited by hand; a copy is at .platform/kept/${file}`);
      expect(await readFile(inLab(`.platform/kept/${file}`), 'utf8')).to.match(/\n# edited by hand\n$/);
    }
    for (const [file, text] of Object.entries(added)) {
      expect(result.stdout).to.contain(`${file} was added by hand; a copy is at .platform/kept/${file}`);
      expect(await readFile(inLab(`.platform/kept/${file}`), 'latin1')).to.equal(text);
    }
    expect(result.stdout.match(/a copy is at/g)).to.have.length(generated.length + Object.keys(added).length);
    await revertEdits('HEAD');
    await expectRolledBack({ ...result, code: 4 });
  });
});

async function ended(child: ChildProcess): Promise<CliResult> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code: code ?? 137, stdout, stderr };
}

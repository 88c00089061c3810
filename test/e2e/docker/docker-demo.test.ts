import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { openDockerLab, type DockerLab } from '../../support/docker-lab.ts';
import { openOwnEngine, type OwnEngine } from '../../support/docker-own-engine.ts';
import { enginePicture, type EnginePicture } from '../../support/docker-picture.ts';
import { holdBefore } from '../../support/hold-export.ts';
import type { CliResult } from '../../support/lab.ts';

const TOOL = 'task-manager';

/** The second and third demonstration, line by line, with compose 1 where it is installed. */
describe('demonstrations with containers', function () {
  this.timeout(900_000);
  let lab: DockerLab;
  let pictureBefore: EnginePicture;

  before(async () => {
    lab = await openDockerLab({ compose: 1 });
    const made = await lab.run(
      'create-tool',
      TOOL,
      '--name=Task Manager',
      '--description=Manage tasks and to-do lists',
      '--tool-version=1.0.0',
      '--status=beta',
      '--resource=task:title:string,done:boolean',
      '--yes',
    );
    expect(made.code, made.stdout + made.stderr).to.equal(0);
    await lab.commit('Add the task manager');
    pictureBefore = await enginePicture(lab.engine);
  });
  after(async () => {
    await lab.gulp('rollback', `--tool-id=${TOOL}`);
    await lab.close();
  });

  const exportTool = (...flags: string[]): Promise<CliResult> =>
    lab.run('npm', 'run', 'export-tool', '--', `--tool-id=${TOOL}`, ...flags);
  const gitStatus = async (): Promise<string> => (await lab.run('git', 'status', '--porcelain')).stdout;
  const inOrder = (lines: readonly string[]): RegExp =>
    new RegExp(lines.map((line) => line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*'));
  const STEPS = [
    '[1/6] Pre-flight Validation...',
    '[2/6] Generate Backend Service...',
    '[3/6] Generate Frontend App...',
    '[4/6] Migrate Database...',
    '[5/6] Update Infrastructure...',
  ];

  describe('exporting a tool to a microservice', () => {
    let exported: CliResult;
    const bindingsOf = async (
      name: string,
    ): Promise<Readonly<Record<string, readonly { HostPort: string }[]>>> =>
      (await (await lab.container(name)).inspect()).NetworkSettings.Ports;

    it('lists the tool at http://localhost:3000/api/tools', async () => {
      const body = (await (await fetch(`${lab.platformUrl}/api/tools`)).json()) as {
        data: readonly { toolId: string }[];
      };
      expect(body.data.map((tool) => tool.toolId)).to.include(TOOL);
    });

    it('passes all checks in a dry run, and changes nothing', async () => {
      const { code, stdout, stderr } = await exportTool('--dry-run');
      expect(code, stdout + stderr).to.equal(0);
      expect(stdout).to.match(/✅ Dry-run completed successfully: all checks passed/);
      expect(await enginePicture(lab.engine)).to.deep.equal(pictureBefore);
      expect(await gitStatus()).to.equal('');
    });

    it('prints the six steps of the export', async () => {
      exported = await exportTool();
      expect(exported.code, exported.stdout + exported.stderr).to.equal(0);
      expect(exported.stdout).to.match(
        inOrder([...STEPS, '[6/6] Run Health Checks...', '✅ Export completed']),
      );
    });

    it('names the service in /health', async () => {
      const [, api = ''] = /API: (\S+)/.exec(exported.stdout) ?? [];
      expect(await (await fetch(`${api}/health`)).json()).to.deep.equal({
        status: 'healthy',
        service: 'Task Manager',
        version: '1.0.0',
      });
    });

    it('serves the exported tool through the gateway', async () => {
      expect((await fetch(`${lab.gatewayUrl}/api/${TOOL}/tasks`)).status).to.equal(200);
    });

    it('lists the running containers with docker ps | grep task-manager', async () => {
      const { stdout } = await lab.run('docker', 'ps', '--format', '{{.Names}} {{.State}} {{.Status}}');
      expect(stdout)
        .to.match(/[-_]task-manager-api[-_]1 running Up /m)
        .and.match(/[-_]task-manager-db[-_]1 running Up /m);
    });

    it('lists the migrated tables with psql as dbuser', async () => {
      const password = await readFile(path.join(lab.root, '.platform/secrets/task_manager_admin'), 'utf8');
      const port = Number((await bindingsOf(`${TOOL}-db`))['5432/tcp']?.[0]?.HostPort);
      const login = { host: 'localhost', port, user: 'dbuser', password: password.trim() };
      const client = new pg.Client({ ...login, database: 'task_manager_db' });
      await client.connect();
      const { rows } = await client.query<{ tablename: string }>(
        `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
      );
      await client.end();
      expect(rows.map((row) => row.tablename)).to.include('task_manager_tasks');
    });

    it('rolls back completely', async () => {
      const { code, stdout } = await lab.gulp('rollback', `--tool-id=${TOOL}`);
      expect(code, stdout).to.equal(0);
      expect(await enginePicture(lab.engine)).to.deep.equal(pictureBefore);
      expect(await gitStatus()).to.equal('');
    });
  });

  // Only root can start a separate engine; a test must not stop the engine of the machine
  const describeAsRoot = process.getuid?.() === 0 ? describe : () => undefined;
  describeAsRoot('rolling back when Docker stops in the middle', () => {
    let own: OwnEngine;
    let ownBefore: EnginePicture;
    let failed: CliResult;
    let env: readonly string[];

    before(async () => {
      own = await openOwnEngine(lab.engine);
      await own.load(...Object.values(lab.images));
      ownBefore = await enginePicture(own.docker);
      env = [`DOCKER_HOST=${own.host}`];
    });
    after(async () => {
      await own.start();
      await lab.run('env', ...env, 'gulp', 'rollback', `--tool-id=${TOOL}`);
      await own.close();
    });

    it('fails when the engine stops before step 5, names the cause, and rolls back everything outside Docker', async () => {
      const hold = await holdBefore(lab, 'start-containers');
      const flags = [`--tool-id=${TOOL}`, '--runtime=docker', '--cutover=fenced'];
      const running = lab.run('env', ...env, 'gulp', 'export', ...flags);
      await hold.reached(running);
      expect(await enginePicture(own.docker), 'there is something to lose').to.not.deep.equal(ownBefore);
      await own.stop();
      await hold.release();
      failed = await running;
      expect(failed.stdout).to.match(
        inOrder([...STEPS, 'Export failed: Update Infrastructure: Docker is not running']),
      );
      expect(failed.stdout).to.match(
        inOrder([
          'Rolling back export of',
          '[1/6] Restoring configuration backups...',
          'docker-compose.poc.yml restored',
          '[2/6] Stopping and removing Docker containers...',
          '[3/6] Dropping service database...',
          '[4/6] Deleting generated service directories...',
          '[5/6] Updating tool registry...',
          '[6/6] Marking export job as rolled back...',
        ]),
      );
      // The engine with the database's container is unreachable, so the rollback must not report a clean state
      expect(failed.code, failed.stdout).to.equal(5);
      expect(failed.stdout).to.match(
        /Rollback incomplete\. These resources remain:[^]*task-manager-db: Docker is not running/,
      );
      expect(failed.stdout).to.contain('npx gulp rollback --job-id=');
    });

    it('leaves no folder, row or uncommitted change while the engine is stopped, and the monolith serves the tool', async () => {
      const apps = await readdir(path.join(lab.root, 'apps')).catch(() => []);
      expect(apps.filter((name) => name.includes(TOOL))).to.deep.equal([]);
      expect(await gitStatus()).to.equal('');
      expect((await fetch(`${lab.platformUrl}/api/tools/${TOOL}/tasks`)).status).to.equal(200);
      const tool = (await (await fetch(`${lab.platformUrl}/api/tools/${TOOL}`)).json()) as {
        isExported: boolean;
      };
      expect(tool.isExported).to.equal(false);
    });

    it('refuses another export while Docker is not running, and changes nothing', async () => {
      const { code, stdout } = await lab.run(
        'env',
        ...env,
        'gulp',
        'export',
        `--tool-id=${TOOL}`,
        '--runtime=docker',
      );
      expect(code, stdout).to.equal(3);
      expect(await gitStatus()).to.equal('');
    });

    it('removes all resources when the rollback runs again after the engine has restarted', async () => {
      await own.start();
      expect(await enginePicture(own.docker), 'the volume is still there').to.not.deep.equal(ownBefore);
      const { code, stdout } = await lab.run('env', ...env, 'gulp', 'rollback', `--tool-id=${TOOL}`);
      expect(code, stdout).to.equal(0);
      expect(stdout).to.contain('✅ Rollback completed successfully');
      expect(await enginePicture(own.docker)).to.deep.equal(ownBefore);
      expect(await gitStatus()).to.equal('');
      const client = new pg.Client({ connectionString: await lab.databaseUrl() });
      await client.connect();
      const { rows } = await client.query(
        `SELECT datname FROM pg_database WHERE datname LIKE 'task_manager%'`,
      );
      await client.end();
      expect(rows).to.deep.equal([]);
    });
  });
});

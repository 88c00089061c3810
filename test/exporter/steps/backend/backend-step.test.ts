import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import type { Change } from '../../../../contracts/plan.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import { parseToolId } from '../../../../contracts/ids.ts';
import { planStep } from '../../../../exporter/core/step.ts';
import type { BackendFacts } from '../../../../exporter/steps/backend/facts.ts';
import type { Ports } from '../../../../exporter/core/ports.ts';
import { parseManifest } from '../../../../contracts/manifest.ts';
import { RECORDED_FILE } from '../../../../exporter/steps/backend/operations/record-contract.ts';
import { parseProvenance, sha256 } from '../../../../exporter/core/provenance.ts';
import { createDatabase } from '../../../support/postgres.ts';
import { backendStep } from '../../../../exporter/steps/backend/index.ts';
import { factsOf, linkPrograms, run, scratchRepository } from '../../generate/service/exported-service.ts';
import { gatePorts } from '../../generate/service/gate-ports.ts';

const APP = 'apps/inventory-tracker-api';

describe('the backend step', function () {
  let root: string;
  let ports: Ports;
  let log: string[];
  let gates: string[];
  let changes: readonly Change[];
  let databaseUrl: string;
  let backend: BackendFacts['backend'];

  before(async () => {
    databaseUrl = await createDatabase();
    backend = await factsOf('inventory-tracker');
  });

  beforeEach(() => {
    root = scratchRepository(['inventory-tracker']);
    linkPrograms(root);
    ({ ports, log, gates } = gatePorts(root, databaseUrl));
    const names = namesOf(parseToolId('inventory-tracker'));
    const file = path.join(root, 'tools/inventory-tracker/manifest.json');
    const manifest = parseManifest(JSON.parse(readFileSync(file, 'utf8')));
    changes = planStep(backendStep, { manifest, backend, names } as BackendFacts);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const operationOf = ({ kind }: Change) => {
    const found = backendStep.operations.find((operation) => operation.kind === kind);
    if (found === undefined) throw new Error(kind);
    return found;
  };
  async function runAll(): Promise<void> {
    for (const change of changes) {
      await operationOf(change).run(change, ports);
      const tick = operationOf(change).done(change);
      if (tick !== '') log.push(tick);
    }
  }
  async function recordNow(): Promise<void> {
    for (const change of changes.slice(3, 5)) await operationOf(change).run(change, ports);
  }
  async function contractDatabases(): Promise<readonly unknown[]> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const { rows } = await client.query(`SELECT datname FROM pg_database WHERE datname LIKE '%contract%'`);
    await client.end();
    return rows;
  }
  async function undoAll(): Promise<void> {
    for (const change of changes.toReversed()) await operationOf(change).undo(change, ports);
  }

  it('creates a service that compiles, lints and passes its unit tests, and removes it again', async () => {
    await runAll();
    // Another test may have installed the same packages
    expect(log.filter((line) => !line.startsWith('The same packages'))).to.deep.equal([
      `Service created at ${APP}/`,
      'Package.json generated',
      'Source code copied and adapted',
      'Packages installed by npm ci in an empty folder',
      'Contract tests passed (52 calls recorded and replayed)',
      'TypeScript compilation successful',
      'ESLint passed',
      'Unit tests passed',
    ]);
    expect(existsSync(path.join(root, APP, 'node_modules/express/package.json'))).to.equal(true);
    const provenance = parseProvenance(readFileSync(path.join(root, APP, '.export.json'), 'utf8'));
    for (const [file, checksum] of Object.entries(provenance?.files ?? {}))
      expect(sha256((await ports.files.readText(`${APP}/${file}`)) ?? ''), file).to.equal(checksum);
    expect(provenance?.files).to.include.keys('README.md', RECORDED_FILE);
    const readme = readFileSync(path.join(root, APP, 'README.md'), 'utf8');
    expect(readme).to.match(
      /### POST \/api\/inventory-tracker\/items\n[\s\S]*?\*\*Response:\*\* 201\n\n```json\n\{\n {2}"id"/,
    );
    expect(readme).not.to.include('<!-- example');
    const recorded = readFileSync(path.join(root, APP, RECORDED_FILE), 'utf8');
    const { calls } = JSON.parse(recorded) as { calls: { answer: { status: number } }[] };
    const statuses = new Set(calls.map(({ answer }) => answer.status));
    expect([...statuses].sort()).to.deep.equal([200, 201, 204, 400, 401, 403, 404, 409, 413, 422]);
    await operationOf(changes[2]!).run(changes[2]!, ports); // a resumed export repeats an interrupted change
    await undoAll();
    expect(existsSync(path.join(root, 'apps'))).to.equal(false);
    await undoAll();

    for (const change of changes.slice(0, 5)) await operationOf(change).run(change, ports);
    expect(readFileSync(path.join(root, APP, RECORDED_FILE), 'utf8')).to.equal(recorded);
    expect(readFileSync(path.join(root, APP, 'README.md'), 'utf8')).to.equal(readme);
    expect(await contractDatabases()).to.deep.equal([]);
  });

  it('fails with the first lines of the failing program, and rolls back', async () => {
    await ports.files.writeText('eslint.config.js', NO_VAR);
    await ports.files.writeText('tools/inventory-tracker/backend/broken.ts', BROKEN);
    changes = changes.map((change) =>
      change.kind === 'copy-service-source'
        ? { ...change, after: breakTypes(change.after as { files: Record<string, string> }) }
        : change,
    );
    const failure = await failureOf(runAll());
    expect(failure).to.include('\ntools/inventory-tracker/backend/broken.ts(1,14): error TS2322');
    expect(failure).to.include('ESLint failed').and.include('tools/inventory-tracker/backend/broken.ts\n');
    expect(failure.split('no-var')).to.have.length(2);
    expect(gates.filter((gate) => gate.includes(' failed '))).to.have.length(2);
    await undoAll();
    expect(existsSync(path.join(root, 'apps'))).to.equal(false);
  });

  it('fails when the answers of service and monolith differ, and names the call', async () => {
    for (const change of changes.slice(0, 3)) await operationOf(change).run(change, ports);
    const file = `${APP}/src/host/app.ts`;
    const text = (await ports.files.readText(file)) ?? '';
    await ports.files.writeText(file, text.replace('offerBody()', "express.json({ limit: '1mb' })"));
    const failure = await failureOf(recordNow());
    expect(failure).to.include('POST /items as caller: 413').and.not.include('Contract tests passed');
  });

  it('records and replays answers that break, and failures outside requests, as what they are', async () => {
    for (const change of changes.slice(0, 3)) await operationOf(change).run(change, ports);
    const tool = 'tools/inventory-tracker';
    for (const file of [`${tool}/backend/index.ts`, `${APP}/src/index.ts`])
      await ports.files.writeText(file, BREAKING);
    rmSync(path.join(root, APP, 'tests/integration'), { recursive: true }); // of the tool that was replaced
    const manifest = JSON.parse((await ports.files.readText(`${tool}/manifest.json`)) ?? '') as object;
    const endpoints = ['/half', '/none', '/sized', '/reject', '/later', '/emit'].map((path) => ({
      method: 'GET',
      path,
    }));
    await ports.files.writeText(`${tool}/manifest.json`, JSON.stringify({ ...manifest, endpoints }));
    await recordNow();
    expect(log.at(-1)).to.match(/^Contract tests passed/);
    const text = (await ports.files.readText(`${APP}/${RECORDED_FILE}`)) ?? '';
    const { calls, failures } = JSON.parse(text) as {
      calls: readonly { request: { path: string }; answer: Record<string, unknown> }[];
      failures: readonly string[];
    };
    const answerOf = (path: string): unknown => calls.find(({ request }) => request.path === path)?.answer;
    expect(answerOf('/half')).to.deep.include({ status: 200, broken: true }).and.not.have.property('body');
    expect(answerOf('/sized')).to.deep.include({ status: 200, broken: true });
    expect(answerOf('/none')).to.deep.equal({ status: 0, headers: {}, broken: true });
    expect(answerOf('/reject')).to.deep.include({ status: 200, body: 'accepted' });
    expect(failures).to.deep.equal(['Error ELOST', 'TypeError', 'error 22012', 'string']);

    const other = BREAKING.replace('SELECT 1 / 0', 'SELECT nothing').replace(
      'response.destroy()',
      'response.end()',
    );
    await ports.files.writeText(`${APP}/src/index.ts`, other);
    const failure = await failureOf(recordNow());
    expect(failure).to.include('fails outside its requests only as it did in the monolith');
    expect(failure).to.include('error 42703').and.include('GET /half as caller: 200').and.include('broken');
  });

  it('reports the contract as not run when the tool cannot be recorded, and continues', async () => {
    const folder = 'tools/inventory-tracker/database/migrations';
    await ports.files.writeText(
      `${folder}/002-owner.sql`,
      'ALTER TABLE inventory_items ADD owner int REFERENCES platform_users;\n',
    );
    for (const change of changes.slice(0, 3)) await operationOf(change).run(change, ports);
    await ports.files.writeText(
      `${APP}/database/migrations/002-owner.sql`,
      'ALTER TABLE inventory_items ADD owner int REFERENCES platform_users;\n',
    );
    await recordNow();
    expect(log.at(-1)).to.match(
      /^Contract tests not run: its migrations do not run on an empty database: 002-owner.sql: .*platform_users/,
    );
    expect(gates.at(-1)).to.match(/^contract not-run its migrations do not run on an empty database/);
    expect(existsSync(path.join(root, APP, 'tests/contract/recorded'))).to.equal(false);
  });

  it('generates a service whose contract test fails while its recording is missing', async () => {
    for (const change of changes.slice(0, 3)) await operationOf(change).run(change, ports);
    const mocha = path.resolve('node_modules/mocha/bin/mocha.js');
    const { exitCode, output } = await run(
      path.join(root, APP),
      [process.execPath, mocha, 'tests/contract/**/*.test.ts'],
      { TEST_DATABASE_URL: databaseUrl },
    );
    expect(exitCode).not.to.equal(0);
    expect(output).to.include('tests/contract/recorded/calls.json is missing').and.include('1 failing');
  });

  it('replays the contract in a process that reaches no outside address', async () => {
    for (const change of changes.slice(0, 3)) await operationOf(change).run(change, ports);
    const file = `${APP}/src/index.ts`;
    const text = (await ports.files.readText(file)) ?? '';
    const call = `await fetch('http://192.0.2.1').catch((error) => process.stdout.write(String(error.cause)));\n`;
    await ports.files.writeText(file, `${call}process.stdout.write('loaded'); process.exit(1);\n${text}`);
    const failure = await failureOf(recordNow());
    // Without the port: refused before any packet is sent
    expect(failure, failure).to.include('connect ECONNREFUSED 192.0.2.1loaded');
  });

  it('keeps a copy of what was edited by hand before it deletes the folder', async () => {
    for (const change of changes.slice(0, 3)) await operationOf(change).run(change, ports);
    await ports.files.writeText(`${APP}/src/host/app.ts`, 'mine\n');
    await undoAll();
    expect(existsSync(path.join(root, APP))).to.equal(false);
    expect(readFileSync(path.join(root, '.platform/kept', APP, 'src/host/app.ts'), 'utf8')).to.equal(
      'mine\n',
    );
    expect(log.filter((line) => line.includes('edited by hand'))).to.have.length(1);
  });
});

/** A tool whose answers break off, and which fails in the background. */
const BREAKING = `import { EventEmitter } from 'node:events';
import { Router } from 'express';
import type { ToolContext } from '#contracts/tool-context';

export default function createRouter({ db }: ToolContext): Router {
  const router = Router();
  router.get('/half', (_request, response) => {
    response.write('{"rows":[1,', () => response.destroy());
  });
  router.get('/sized', (_request, response) => {
    response.set('Content-Length', '100').write('ten', () => response.socket?.destroy());
  });
  router.get('/none', (request) => {
    request.socket.destroy();
  });
  router.get('/reject', (_request, response) => {
    void db.query('SELECT 1 / 0');
    response.json('accepted');
  });
  router.get('/later', (_request, response) => {
    setTimeout(() => { throw new TypeError('in a timer'); }, 5);
    void Promise.reject('a string'); // eslint-disable-line @typescript-eslint/prefer-promise-reject-errors
    response.json('accepted');
  });
  router.get('/emit', (_request, response) => {
    process.nextTick(() => new EventEmitter().emit('error', Object.assign(new Error('gone'), { code: 'ELOST' })));
    response.json('accepted');
  });
  return router;
}
`;

const breakTypes = ({ files }: { files: Record<string, string> }): { files: Record<string, string> } => ({
  files: { ...files, 'src/broken.ts': BROKEN },
});

const BROKEN = `export const x: number = 'text';\nvar old = 1;\nexport { old };\n`;

const NO_VAR = `import { parser } from 'typescript-eslint';
export default [{ files: ['**/*.ts'], languageOptions: { parser }, rules: { 'no-var': 'error' } }];
`;

const failureOf = (work: Promise<void>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => String(error),
  );

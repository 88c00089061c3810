import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { parseProgramFlags } from '../../../contracts/command-line.ts';
import { namesOf } from '../../../contracts/naming.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { resolveDatabase } from '../../../registry-api/store/embedded/index.ts';
import { quoteName } from '../../../registry-api/store/sql.ts';
import { findWorkspace, programOf } from '../../../templating/roots.ts';
import { messageOf, NotRecordable, recordContract } from '../host/contract/record.ts';
import { findTool, readManifest } from '../host/read-tools.ts';

/**
 * `node record-contract.ts --tool-id=ID --app=apps/ID-api --copy=FOLDER [--replay-only]`: records the tool's answers in the monolith
 * to `tests/contract/recorded/calls.json` of its exported service, and runs the tests of the copy that need a database: the
 * replay of the recording, and the tool's own. Both use a scratch database that is dropped afterwards.
 *
 * Exit codes: 0 passed, 1 failed, 3 not run (the last line says why).
 */
const NOT_RUN = 3;

const FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'tool that is recorded' },
  app: { type: 'string', value: 'FOLDER', required: true, text: 'folder of its exported service' },
  copy: {
    type: 'string',
    value: 'FOLDER',
    required: true,
    text: 'copy of that folder, with its packages, that the tests run in',
  },
  'replay-only': { type: 'boolean', text: 'run the tests on the existing recording' },
} as const;

/** Variables that programs need on any machine. A service sees no other of the monolith's. */
const OF_MACHINE = /^(PATH|HOME|TZ|LANG|LC_.*|TMPDIR|NODE_OPTIONS|NODE_COMPILE_CACHE|NODE_EXTRA_CA_CERTS)$/;

process.exit(
  await main().catch((error: unknown) => {
    console.log(messageOf(error));
    return error instanceof NotRecordable ? NOT_RUN : 1;
  }),
);

async function main(): Promise<number> {
  const flags = parseProgramFlags('record-contract', process.argv.slice(2), FLAGS);
  const root = findWorkspace(process.cwd());
  const tool = findTool(root, flags['tool-id']);
  if (tool === null) throw new Error(`tools/${flags['tool-id']}/manifest.json does not exist.`);
  const app = path.resolve(root, flags.app);
  const copy = path.resolve(root, flags.copy);
  const manifest = await readManifest(tool);
  const settings = parseSettings(process.env);
  const stateDir = path.resolve(root, settings.stateDir);
  const { url } = await resolveDatabase(settings, root);
  const admin = new pg.Client({ connectionString: url });
  admin.on('error', () => undefined); // a broken connection fails the next statement instead of the process
  await admin.connect();
  const name = namesOf(manifest.id).contractDatabase;
  // The recorder of a killed export may still be running
  await admin.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
  const drop = (): Promise<unknown> => admin.query(`DROP DATABASE IF EXISTS ${quoteName(name)} WITH (FORCE)`);
  const freshDatabase = async (): Promise<string> => {
    await drop();
    await admin.query(`CREATE DATABASE ${quoteName(name)} TEMPLATE template0`).catch((error: unknown) => {
      throw new NotRecordable(`a scratch database cannot be created: ${messageOf(error)}`);
    });
    await admin.query(`REVOKE CONNECT ON DATABASE ${quoteName(name)} FROM PUBLIC`);
    const address = new URL(url);
    address.pathname = `/${name}`;
    return address.href;
  };
  try {
    if (flags['replay-only'] !== true) {
      const scratchSql = await readFile(path.join(app, 'tests/contract/scratch.sql'), 'utf8');
      const { calls, failures } = await recordContract({
        root,
        stateDir,
        tool,
        manifest,
        scratchSql,
        freshDatabase,
      });
      const text = `${JSON.stringify({ tool: manifest.id, calls, failures }, null, 2)}\n`;
      const folder = path.join(app, 'tests/contract/recorded');
      // Not recursive: fails when the service's folder was removed in the meantime
      if (!existsSync(folder)) await mkdir(folder);
      await writeFile(path.join(folder, 'calls.json'), text);
      await cp(folder, path.join(copy, 'tests/contract/recorded'), { recursive: true });
    }
    return await runTests(root, copy, await freshDatabase());
  } finally {
    await drop();
    await admin.end();
  }
}

/** Runs the service's tests that need a database: the replay without any other connection, then the tool's own tests. */
async function runTests(root: string, app: string, databaseUrl: string): Promise<number> {
  const preload = pathToFileURL(programOf(root, 'monolith/server/host/contract/offline-preload')).href;
  const offline = { NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${preload}` };
  const replayed = await runMocha(app, 'tests/contract', { TEST_DATABASE_URL: databaseUrl, ...offline });
  const own = ['tests/integration', 'src/tool/tests/integration'].find((folder) =>
    existsSync(path.join(app, folder)),
  );
  if (own === undefined) return replayed;
  return Math.max(replayed, await runMocha(app, own, { TEST_DATABASE_URL: databaseUrl }));
}

/** Runs the tests with the packages of the app itself, and prints their output. */
function runMocha(app: string, folder: string, variables: NodeJS.ProcessEnv): Promise<number> {
  const args = ['node_modules/mocha/bin/mocha.js', '--reporter=dot', `${folder}/**/*.test.ts`];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => OF_MACHINE.test(name)));
  const options = { cwd: app, env: { ...env, ...variables }, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      process.stdout.write(stdout + stderr);
      resolve(error === null ? 0 : 1);
    });
  });
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { namesOf } from '../../../contracts/naming.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { resolveDatabase } from '../../../registry-api/store/embedded/index.ts';
import { quoteName } from '../../../registry-api/store/sql.ts';
import { findRepositoryRoot } from '../../../templating/repository-root.ts';
import { messageOf, NotRecordable, recordContract, type ContractModule } from '../host/contract/record.ts';
import { findTool, readManifest } from '../host/read-tools.ts';

/**
 * `node record-contract.ts --tool-id=ID --app=apps/ID-api [--replay-only]`: records the answers of the tool in
 * the monolith into `tests/contract/recorded/calls.json` of its exported service. Then runs the tests of the
 * service that need a database: the replay of the recording, and those of the tool. Uses a scratch database and
 * drops it.
 *
 * Exit codes: 0 passed, 1 failed, 3 not run (the last line says why).
 */
const NOT_RUN = 3;

process.exit(
  await main().catch((error: unknown) => {
    console.log(messageOf(error));
    return error instanceof NotRecordable ? NOT_RUN : 1;
  }),
);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { 'tool-id': { type: 'string' }, app: { type: 'string' }, 'replay-only': { type: 'boolean' } },
  });
  const root = findRepositoryRoot(process.cwd());
  const tool = findTool(root, values['tool-id'] ?? '');
  if (tool === null || values.app === undefined) throw new Error('--tool-id and --app are required');
  const app = path.resolve(root, values.app);
  const manifest = await readManifest(tool);
  const { url } = await resolveDatabase(parseSettings(process.env), root);
  const admin = new pg.Client({ connectionString: url });
  admin.on('error', () => undefined); // a lost connection fails the next statement instead of ending the process
  await admin.connect();
  const name = namesOf(manifest.id).contractDatabase;
  // The process of a killed export may still be running
  await admin.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
  const drop = (): Promise<unknown> => admin.query(`DROP DATABASE IF EXISTS ${quoteName(name)} WITH (FORCE)`);
  const freshDatabase = async (): Promise<string> => {
    await drop();
    await admin.query(`CREATE DATABASE ${quoteName(name)} TEMPLATE template0`).catch((error: unknown) => {
      throw new NotRecordable(`a scratch database cannot be created: ${messageOf(error)}`);
    });
    const address = new URL(url);
    address.pathname = `/${name}`;
    return address.href;
  };
  try {
    if (values['replay-only'] !== true) {
      const contract = (await import(
        pathToFileURL(path.join(app, 'tests/contract/contract.ts')).href
      )) as ContractModule;
      const calls = await recordContract({ tool, manifest, contract, freshDatabase });
      const text = `${JSON.stringify({ tool: manifest.id, calls }, null, 2)}\n`;
      const folder = path.join(app, 'tests/contract/recorded');
      // Not recursive, so that a service deleted in the meantime is not recreated
      if (!existsSync(folder)) await mkdir(folder);
      await writeFile(path.join(folder, 'calls.json'), text);
    }
    return await runTests(root, app, await freshDatabase());
  } finally {
    await drop();
    await admin.end();
  }
}

/** The tests of the service that need a database, with their output. */
function runTests(root: string, app: string, databaseUrl: string): Promise<number> {
  const folders = ['contract', 'integration'].filter((folder) => existsSync(path.join(app, 'tests', folder)));
  const mocha = path.join(root, 'node_modules/mocha/bin/mocha.js');
  const args = [mocha, '--reporter=dot', ...folders.map((folder) => `tests/${folder}/**/*.test.ts`)];
  const env = { ...process.env, TEST_DATABASE_URL: databaseUrl };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: app, env, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        process.stdout.write(stdout + stderr);
        resolve(error === null ? 0 : 1);
      },
    );
  });
}

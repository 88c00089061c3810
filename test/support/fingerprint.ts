import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { listProcesses } from '../../registry-api/processes.ts';
import { column, databasePicture, pictureAt, type DatabasePicture } from './database-picture.ts';
import type { Lab } from './lab.ts';

/** Everything an export could leave behind, as text that two moments can be compared by. */
export interface Fingerprint extends DatabasePicture {
  /** What `git status` says, and the hash of every file that git does not ignore, with its mode. */
  readonly git: string;
  readonly databases: readonly string[];
  /** What the databases hold that exports have made. */
  readonly exported: Readonly<Record<string, DatabasePicture>>;
  readonly roles: readonly string[];
  readonly slots: readonly string[];
  readonly registry: readonly unknown[];
  readonly routes: readonly unknown[];
  readonly processes: readonly string[];
}

/** Tables whose rows an export writes on purpose, and keeps: the history of what was done. */
const HISTORY =
  /^(export_|tool_registry|tool_routes|tool_history|webhook|idempotency|schema_|.*history|.*outbox|.*migrations)/;
const NOT_EXPORTED = ['postgres', 'template0', 'template1'];

export async function takeFingerprint(lab: Lab): Promise<Fingerprint> {
  const connectionString = await lab.databaseUrl();
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const databases = await column(client, 'SELECT datname AS v FROM pg_database ORDER BY 1');
    const exported: Record<string, DatabasePicture> = {};
    for (const database of databases)
      if (database !== client.database && !NOT_EXPORTED.includes(database))
        exported[database] = await pictureAt({ connectionString: at(connectionString, database) });
    return {
      ...(await databasePicture(client, HISTORY)),
      git: await workingTree(lab),
      databases,
      exported,
      roles: await column(client, 'SELECT rolname AS v FROM pg_roles ORDER BY 1'),
      slots: await column(client, 'SELECT slot_name AS v FROM pg_replication_slots ORDER BY 1'),
      registry: (
        await client.query(
          'SELECT tool_id, status, version, is_exported, service_url, database_name FROM tool_registry ORDER BY 1',
        )
      ).rows,
      routes: (await client.query('SELECT tool_id, service_url FROM tool_routes ORDER BY 1')).rows,
      processes: (await listProcesses())
        .map((p) => p.command)
        .filter((c) => c.includes(`${lab.root}/apps/`))
        .sort(),
    };
  } finally {
    await client.end();
  }
}

/** For moments between which rows were written. */
export function withoutRows(fingerprint: Fingerprint): unknown {
  const schemas = Object.entries(fingerprint.exported).map(([name, { schema }]) => [name, schema]);
  return { ...fingerprint, rows: {}, exported: schemas };
}

/** By an index of its own: the clone's stays as it is. */
async function workingTree(lab: Lab): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fingerprint-'));
  try {
    const git = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await lab.runWith(
        { GIT_INDEX_FILE: path.join(folder, 'index') },
        'git',
        ...args,
      );
      if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
      return stdout;
    };
    const status = await lab.run('git', 'status', '--porcelain', '--untracked-files=all');
    await git('read-tree', 'HEAD');
    await git('add', '--all');
    return `${status.stdout}${await git('write-tree')}`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function at(connectionString: string, database: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${database}`;
  return url.href;
}

import pg from 'pg';
import type { ExtractionPlan } from '../plan/plan.ts';
import type { DatabasePort, DatabaseSpec, Fingerprint, SecretStore, ServerRef, WorkOptions } from '../api.ts';
import { bringBack, readServiceWrites } from '../reverse/index.ts';
import { dropFence, raiseFence } from './fence.ts';
import { digestOf } from './digest.ts';
import { dropCheckpoint, readCheckpoint, undoOf } from './checkpoint.ts';
import { rollBack } from './roll-back.ts';
import { ensureRoles, removeRoles } from './roles.ts';
import { runPlan } from './run-plan.ts';
import { DISK_FULL, openSession, rowsOf, sqlStateOf, type Session } from './session.ts';
import { openSnapshot } from './snapshot.ts';
import { openMaintenance, withDatabase } from './target.ts';
import { verifyPlan } from './verify-plan.ts';
import { openWorkers, type Worker } from './workers.ts';

/** Two cores do not gain from more. */
const JOBS = 2;

export interface DatabasePortOptions {
  /** Administrator's address of the source's database. */
  readonly sourceUrl: string;
  readonly secrets: SecretStore;
}

/** PostgreSQL as the export's database step uses it. Opens connections as it needs them and keeps none. */
export function createDatabasePort({ sourceUrl, secrets }: DatabasePortOptions): DatabasePort & { close(): Promise<void> } {
  async function adminUrl(server: ServerRef, database: string): Promise<string> {
    if (server.kind === 'source') return withDatabase(sourceUrl, database);
    const url = new URL(`postgresql://${server.host}:${server.port}/${encodeURIComponent(database)}`);
    url.username = server.user;
    url.password = await secrets.read(server.secret);
    return url.href;
  }
  async function onServer(server: ServerRef, work: (session: Session) => Promise<void>): Promise<void> {
    const session = await openMaintenance(await adminUrl(server, 'postgres'));
    try {
      await work(session);
    } finally {
      await session.end();
    }
  }
  return {
    createRoles: (server, roles) => onServer(server, (session) => ensureRoles(session, roles, secrets)),
    dropRoles: (server, roles) => onServer(server, (session) => removeRoles(session, roles, secrets)),
    createDatabase: (spec) => onServer(spec.at.server, (session) => makeDatabase(session, spec)),
    dropDatabase: (at) =>
      onServer(at.server, async (session) => {
        await session.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(at.database)} WITH (FORCE)`);
      }),
    fenceTables: (fence, options) => raiseFence(sourceUrl, fence, options),
    unfenceTables: (fence) => dropFence(sourceUrl, fence),
    fenceService: async (fence, at, options) =>
      raiseFence(await adminUrl(at.server, at.database), fence, options).catch(ignoreMissing),
    unfenceService: async (fence, at) =>
      dropFence(await adminUrl(at.server, at.database), fence).catch(ignoreMissing),
    readServiceWrites: async ({ plan, at, recorded }, options) =>
      readServiceWrites({ plan, recorded, sourceUrl, serviceUrl: await adminUrl(at.server, at.database), ...pick(options) }),
    bringBack: async ({ plan, at, recorded }, options) =>
      bringBack({ plan, recorded, sourceUrl, serviceUrl: await adminUrl(at.server, at.database), confirm: options.confirm, ...pick(options) }),
    copyTables: async (plan, into, options) =>
      copyTables({ plan, sourceUrl, targetUrl: await adminUrl(into.server, into.database), ...pick(options) }),
    removeCopies: async (plan, from) =>
      removeCopies(plan, await adminUrl(from.server, from.database)).catch(ignoreFullDisk),
    verifyTables: async (plan, at, options) =>
      verifyTables({ plan, sourceUrl, targetUrl: await adminUrl(at.server, at.database), ...pick(options) }),
    close: () => Promise.resolve(),
  };
} // prettier-ignore

const pick = ({ signal, report }: WorkOptions): WorkOptions => ({ signal, report });

async function makeDatabase(session: Session, spec: DatabaseSpec): Promise<void> {
  const { at, owner, encoding, collate, ctype, connect } = spec;
  const name = pg.escapeIdentifier(at.database);
  const [there] = await rowsOf<{ there: boolean }>(session, 'SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS there', [at.database]);
  if (there?.there !== true)
    await session.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING ${pg.escapeLiteral(encoding)} LC_COLLATE ${pg.escapeLiteral(collate)} LC_CTYPE ${pg.escapeLiteral(ctype)}`);
  await session.query(`ALTER DATABASE ${name} OWNER TO ${pg.escapeIdentifier(owner)}`);
  await session.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  await session.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${name} TO ${connect.map(pg.escapeIdentifier).join(', ')}`);
  for (const role of connect)
    if (role !== owner && (await isMember(session, role, owner)))
      // what migrations make belongs to the owner, not to the role that happened to run them
      await session.query(`ALTER ROLE ${pg.escapeIdentifier(role)} IN DATABASE ${name} SET role = ${pg.escapeLiteral(owner)}`);
} // prettier-ignore

async function isMember(session: Session, role: string, group: string): Promise<boolean> {
  const [row] = await rowsOf<{ member: boolean }>(
    session,
    `SELECT EXISTS (SELECT FROM pg_auth_members WHERE roleid = $2::regrole AND member = $1::regrole) AS member`,
    [pg.escapeIdentifier(role), pg.escapeIdentifier(group)],
  );
  return row?.member === true;
}

interface Work extends WorkOptions {
  readonly plan: ExtractionPlan;
  readonly sourceUrl: string;
  readonly targetUrl: string;
}

async function withWorkers<T>(
  work: Work,
  run: (source: Session, target: Session, workers: readonly Worker[]) => Promise<T>,
): Promise<T> {
  const snapshot = await openSnapshot(work.sourceUrl, work.plan);
  try {
    const workers = await openWorkers({ ...work, jobs: JOBS, snapshot: snapshot.id });
    try {
      const target = await openSession({ url: work.targetUrl });
      try {
        return await run(snapshot.session, target, workers.all);
      } finally {
        await target.end().catch(() => undefined);
      }
    } finally {
      await workers.close();
    }
  } finally {
    await snapshot.close();
  }
}

async function copyTables(work: Work): Promise<number> {
  return withWorkers(work, async (source, target, workers) => {
    const found = await readCheckpoint(target);
    const fits = found !== null && found.plan === digestOf(work.plan);
    if (found !== null && !fits) await rollBack(target, found);
    if (found === null && (await isComplete(target, work.plan))) return 0; // `verify` proves it
    const { report, signal, plan } = work;
    const { tables } = await runPlan({
      plan, source, target, workers, signal, checkpoint: fits ? found : null, progress: (progress) => report.progress(progress),
    }); // prettier-ignore
    await target.query('SET synchronous_commit = on');
    await dropCheckpoint(target);
    return Object.values(tables).reduce((sum, table) => sum + table.rows, 0);
  });
}

/** The checkpoint goes with the last statement: tables without a checkpoint are whole. */
async function isComplete(target: Session, plan: ExtractionPlan): Promise<boolean> {
  if (plan.tables.length === 0) return false;
  const [row] = await rowsOf<{ all: boolean }>(target, 'SELECT bool_and(to_regclass(name) IS NOT NULL) AS all FROM unnest($1::text[]) name', [
    plan.tables.map((table) => table.name),
  ]); // prettier-ignore
  return row?.all === true;
}

const NO_SUCH_DATABASE = '3D000';

/** A database that is gone takes no writes, fenced or not. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && sqlStateOf(error.cause) === NO_SUCH_DATABASE)) throw error;
}

/** On a full disk nobody gets in, and nothing can be taken out: the copies go with their database, which is dropped from outside. */
function ignoreFullDisk(error: unknown): void {
  if (sqlStateOf(error) !== DISK_FULL) throw error;
}

const GONE = ['3D000', '08006', '08001'];

async function removeCopies(plan: ExtractionPlan, url: string): Promise<void> {
  let session: Session;
  try {
    session = await openSession({ url });
  } catch (error) {
    if (error instanceof Error && GONE.includes(sqlStateOf(error.cause))) return;
    throw error;
  }
  try {
    await rollBack(session, { undo: undoOf(plan) });
  } finally {
    await session.end();
  }
}

async function verifyTables(work: Work): Promise<Record<string, Fingerprint>> {
  return withWorkers(work, async (_source, _target, workers) => {
    const { plan, signal, report } = work;
    const checksums = await verifyPlan({ plan, workers, sequences: null, signal, progress: (progress) => report.progress(progress) });
    return Object.fromEntries(Object.entries(checksums).map(([name, { rows, digest }]) => [name, { rows, checksum: digest }]));
  }); // prettier-ignore
}

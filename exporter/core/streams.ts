import type { SharedFacts } from './facts.ts';
import { databaseOf } from './service-database.ts';
import type { DatabaseRef, ExtractionPlan, FenceSpec } from '../../extraction/api.ts';
import type { LivePort, StreamSpec } from '../../extraction/live/live-api.ts';

/** What a live cut-over works with. JSON, as a part of its changes. */
export type LiveTables = {
  readonly plan: ExtractionPlan;
  readonly service: DatabaseRef;
  /** The monolith's writes to the service, until the switch. */
  readonly out: StreamSpec;
  /** The service's writes to the monolith, after it. */
  readonly back: StreamSpec;
  readonly fences: { readonly source: FenceSpec; readonly service: FenceSpec };
};

/** A live switch, and the way back, which is another one. */
export type LiveSwitch = {
  readonly tables: LiveTables;
  readonly maxPauseMs: number;
  readonly timeoutMs: number;
};

/** Kind of the change that holds a {@link LiveSwitch}. */
export const SWITCH_OVER = 'switch-over';

/** Name of the `CutoverResult` that is kept with the job. */
export const CUTOVER_RESULT = 'cutover';

/** Name of the number of rows that a live copy began with, kept with the job. */
export const COPIED_ROWS = 'copiedRows';

/** `null` when the cut-over is not live, or when there is no table. */
export function liveTables(facts: SharedFacts): LiveTables | null {
  const { cutover, manifest, names, database } = facts;
  const { extraction: plan, fenced } = database;
  if (cutover !== 'live' || plan === null || plan.tables.length === 0) return null;
  const service = databaseOf(facts);
  const source: DatabaseRef = { server: { kind: 'source' }, database: plan.source.database };
  const tables = plan.tables.map((table) => table.name);
  const fence = { toolId: manifest.id, toolName: manifest.name, tables: fenced };
  return {
    plan,
    service,
    // names of slots are those of the whole server, as names of databases are
    out: { name: `${names.database}_out`.slice(-63), from: source, to: service, tables },
    back: {
      name: `${names.database}_back`.slice(-63),
      from: service,
      to: source,
      tables,
      columns: Object.fromEntries(plan.tables.map(({ name, columns }) => [name, columns])),
    },
    fences: {
      source: { ...fence, takenOverBy: names.api },
      service: { ...fence, takenOverBy: 'the monolith' },
    },
  };
}

/** Lets the monolith's tables follow the service, and the service's no longer the monolith's. Safe to call twice. */
export async function returnStream(
  { out, back }: Pick<LiveTables, 'out' | 'back'>,
  { live }: { readonly live: Pick<LivePort, 'subscribe' | 'unpublish' | 'unsubscribe'> },
): Promise<void> {
  // first: the service would receive its own writes again
  await live.unsubscribe(out);
  await live.unpublish(out);
  await live.subscribe(back);
}

/** Statements that end a subscription of the database, if there is one, whatever became of its slot. */
export const dropSubscriptionSql = (name: string): string =>
  `DO $$ BEGIN IF EXISTS (SELECT FROM pg_subscription WHERE subname = '${name}' AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())) THEN ` +
  `ALTER SUBSCRIPTION "${name}" DISABLE; ALTER SUBSCRIPTION "${name}" SET (slot_name = NONE); DROP SUBSCRIPTION "${name}"; END IF; END $$`;

/** Statements that remove a replication slot of the database, if there is one, after its reader. */
export const dropSlotSql = (name: string): string =>
  `SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots WHERE slot_name = '${name}' AND active; ` +
  `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${name}'`;

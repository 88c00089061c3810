import { PlatformError } from '../../contracts/errors.ts';
import type { ExtractionPlan, Statement } from '../plan/plan.ts';
import { copyPart } from './copy.ts';
import type { Progress } from '../api.ts';
import { CopyProgress } from './copy-progress.ts';
import { digestOf } from './digest.ts';
import { copyLargeObjects } from './large-objects.ts';
import { createCheckpoint, recordDone, type Checkpoint } from './checkpoint.ts';
import { runParallel } from './parallel.ts';
import { partsOf, type Part } from './parts.ts';
import { readSequence, writeSequence, type SequenceState } from './sequences.ts';
import { messageOf, sqlStateOf, type Session } from './session.ts';
import { setLocalSourceSettings, setSourceSettings } from './source-settings.ts';
import { prepareTarget, type Worker } from './workers.ts';

export interface RunOptions {
  readonly plan: ExtractionPlan;
  readonly source: Session;
  readonly target: Session;
  readonly workers: readonly Worker[];
  /** The checkpoint of an earlier run of the same plan, which is continued. */
  readonly checkpoint: Checkpoint | null;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

export interface CopyResult {
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly bytes: number }>>;
  readonly sequences: Readonly<Record<string, SequenceState>>;
}

/** Executes pre-data, data and post-data, then ANALYZE. Skips the work that `checkpoint` records. */
export async function runPlan(options: RunOptions): Promise<CopyResult> {
  const { plan, target, checkpoint } = options;
  await prepareTarget(target);
  for (const session of [options.source, ...options.workers.map((worker) => worker.source)])
    await setSourceSettings(session, plan);
  if (checkpoint === null) await makeStructure(target, plan);
  else if (checkpoint.plan !== digestOf(plan))
    throw new PlatformError('plan-stale', 'The target contains parts of another extraction.');
  const tables = await copyTables(options);
  const sequences = await copySequences(options);
  await runStatements('indexes', plan.indexes, options);
  // a foreign key may need a partitioned index, which is valid only when its last part is attached
  const isPart = ({ id }: Statement): boolean => /^(INDEX|ATTACH) /.test(id);
  await runStatements('constraints', plan.constraints.filter(isPart), options);
  await runStatements(
    'constraints',
    plan.constraints.filter((item) => !isPart(item)),
    options,
  );
  await runInOrder('after', plan.after, options);
  await runParallel(
    options.workers,
    plan.tables.map((table) => ({ id: table.name, locks: [] })),
    async (worker, table) => {
      options.signal.throwIfAborted();
      await analyze(worker.target, table.id, plan);
    },
  );
  return { tables, sequences };
}

/** Statistics on expressions call the functions in them. */
async function analyze(session: Session, table: string, plan: ExtractionPlan): Promise<void> {
  await setSourceSettings(session, plan);
  await session.query(`ANALYZE ${table}`);
  await session.query("SET search_path = ''");
}

async function makeStructure(target: Session, plan: ExtractionPlan): Promise<void> {
  await target.query('BEGIN');
  try {
    await createCheckpoint(target, plan);
    for (const statement of plan.before) await execute(target, statement, plan);
    await target.query('COMMIT');
  } catch (error) {
    await target.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

// undefined table, function, object, column, schema: a function's body uses an unqualified name
const UNDEFINED = ['42P01', '42883', '42704', '42703', '3F000'];

/**
 * Statements are written for an empty search path, which no user object can affect. A statement that calls a function
 * whose body relies on the search path is repeated with the source's search path.
 *
 * @throws PlatformError `step-failed` that names the statement.
 */
async function execute(session: Session, statement: Statement, plan: ExtractionPlan): Promise<void> {
  try {
    await session.query('SAVEPOINT statement');
    try {
      await session.query(statement.sql);
    } catch (error) {
      if (!UNDEFINED.includes(sqlStateOf(error)) || plan.searchPath.length === 0) throw error;
      await session.query('ROLLBACK TO SAVEPOINT statement');
      await session.query(`SET LOCAL search_path = ${plan.searchPath.join(', ')}`);
      await session.query(statement.sql);
      await session.query("SET LOCAL search_path = ''");
    }
    await session.query('RELEASE SAVEPOINT statement');
  } catch (error) {
    throw new PlatformError('step-failed', `${statement.id}: ${messageOf(error)}\n${statement.sql}`, {
      cause: error,
    });
  }
}

async function copyTables(options: RunOptions): Promise<CopyResult['tables']> {
  const { plan, checkpoint, workers, signal } = options;
  const parts = partsOf(plan.tables, workers.length);
  const progress = new CopyProgress(parts, options.progress);
  const configuration = partsOf(plan.configuration ?? [], 1);
  const isLeft = (part: Part): boolean => {
    const info = checkpoint?.done.get(part.id);
    if (info !== undefined)
      progress.finished(part, { rows: Number(info['rows']), bytes: Number(info['bytes']) });
    return info === undefined;
  };
  // checks and generated columns of the tables may read the configuration of extensions
  for (const section of [configuration, parts])
    await runParallel(workers, section.filter(isLeft), async (worker, part) => {
      signal.throwIfAborted();
      const moving = (bytes: number): void => progress.moving(part, bytes);
      moving(0);
      progress.finished(part, await copyPart(worker, part, { signal, plan, moving }));
    });
  for (const table of plan.tables)
    if (table.largeObjects.length > 0 && checkpoint?.done.has(`large objects ${table.name}`) !== true)
      await copyLargeObjects(options.source, options.target, table);
  return progress.sums();
}

/** Reads sequences after the rows, so that every number in a row has been given out by its sequence. */
async function copySequences({
  plan,
  source,
  target,
  checkpoint,
}: RunOptions): Promise<CopyResult['sequences']> {
  const states: Record<string, SequenceState> = {};
  for (const { name } of plan.sequences) {
    const id = `sequence ${name}`;
    const state = await readSequence(source, name);
    states[name] = state;
    await target.query('BEGIN');
    await writeSequence(target, name, state);
    if (checkpoint?.done.has(id) !== true) await recordDone(target, id);
    await target.query('COMMIT');
  }
  return states;
}

async function runStatements(
  phase: string,
  statements: readonly Statement[],
  options: RunOptions,
): Promise<void> {
  // statements of one object run in order; objects run in parallel
  const groups = new Map<string, Statement[]>();
  for (const statement of statements)
    groups.set(statement.id, [...(groups.get(statement.id) ?? []), statement]);
  const work = [...groups].map(([id, list]) => ({
    id: `${phase} ${id}`,
    locks: [...new Set(list.flatMap((item) => item.locks))],
    list,
  }));
  let done = 0;
  await runParallel(options.workers, work, async (worker, item) => {
    options.signal.throwIfAborted();
    options.progress({ target: item.id, done, total: work.length, unit: 'changes' });
    if (options.checkpoint?.done.has(item.id) !== true)
      await transact(worker.target, item.id, item.list, options.plan);
    options.progress({ target: item.id, done: ++done, total: work.length, unit: 'changes' });
  });
}

async function runInOrder(
  phase: string,
  statements: readonly Statement[],
  options: RunOptions,
): Promise<void> {
  const id = phase;
  options.signal.throwIfAborted();
  if (options.checkpoint?.done.has(id) !== true) await transact(options.target, id, statements, options.plan);
}

async function transact(
  session: Session,
  id: string,
  statements: readonly Statement[],
  plan: ExtractionPlan,
): Promise<void> {
  await session.query('BEGIN');
  try {
    // statements are written for an empty search path
    await setLocalSourceSettings(session, { ...plan, searchPath: [] });
    for (const statement of statements) await execute(session, statement, plan);
    await recordDone(session, id);
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

import { PlatformError } from '../../contracts/errors.ts';
import type { ExtractionPlan } from '../plan/plan.ts';
import { addChecksums, checksumTable, type Checksum } from './checksum.ts';
import { describeDifference, findDifferences } from './differences.ts';
import { runParallel } from './parallel.ts';
import type { Progress } from '../api.ts';
import { lookUpLikeSource } from './run-plan.ts';
import { readSequence, type SequenceState } from './sequences.ts';
import type { Worker } from './workers.ts';

export interface VerifyOptions {
  readonly plan: ExtractionPlan;
  readonly workers: readonly Worker[];
  /** Positions that were copied; without them the source is asked again. */
  readonly sequences: Readonly<Record<string, SequenceState>> | null;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/**
 * Compares every row of every table on both sides, generated columns included, and the positions of sequences.
 *
 * @throws PlatformError `verification-failed` with the first differing rows of each table that differs.
 */
export async function verifyPlan(options: VerifyOptions): Promise<Readonly<Record<string, Checksum>>> {
  const { plan, workers, signal } = options;
  const checksums: Record<string, Checksum> = {};
  const problems: string[] = [];
  const wholes = wholesOf(plan);
  let done = 0;
  for (const { source, target } of workers)
    for (const session of [source, target]) await lookUpLikeSource(session, plan);
  await runParallel(workers, wholes, async (worker, whole) => {
    signal.throwIfAborted();
    const [source, target] = await Promise.all([
      checksumWhole(worker.source, whole.tables),
      checksumWhole(worker.target, whole.tables),
    ]);
    for (const [name, checksum] of source.each) checksums[name] = checksum;
    if (source.sum.rows !== target.sum.rows || source.sum.digest !== target.sum.digest) {
      problems.push(`${whole.id}: ${source.sum.rows} rows (${source.sum.digest}) in the source, ${target.sum.rows} rows (${target.sum.digest}) in the target`);
      for (const table of whole.tables)
        for (const difference of await findDifferences(worker.source, worker.target, table)) problems.push(describeDifference(table.name, difference));
    }
    options.progress({ target: whole.id, done: ++done, total: wholes.length, unit: 'changes' });
  });
  const [worker] = workers;
  if (worker !== undefined)
    for (const { name } of plan.sequences) {
      const source = options.sequences?.[name] ?? (await readSequence(worker.source, name));
      const target = await readSequence(worker.target, name);
      if (source.value !== target.value || source.called !== target.called)
        problems.push(`sequence ${name}: ${source.value} (called: ${source.called}) in the source, ${target.value} (called: ${target.called}) in the target`);
    }
  if (problems.length > 0) throw new PlatformError('verification-failed', `The copy differs from its source:\n${problems.join('\n')}`);
  return checksums;
} // prettier-ignore

type Table = ExtractionPlan['tables'][number];

/** Tables loaded through one root may hold each other's rows: they are compared together. */
function wholesOf(plan: ExtractionPlan): { id: string; locks: []; tables: Table[] }[] {
  const wholes = new Map<string, Table[]>();
  for (const table of plan.tables) wholes.set(table.into, [...(wholes.get(table.into) ?? []), table]);
  return [...wholes]
    .map(([id, tables]) => ({ id, locks: [] as [], tables }))
    .sort((a, b) => sizeOf(b.tables) - sizeOf(a.tables));
}

const sizeOf = (tables: readonly Table[]): number => tables.reduce((sum, table) => sum + table.bytes, 0);

async function checksumWhole(
  session: Worker['source'],
  tables: readonly Table[],
): Promise<{ each: [string, Checksum][]; sum: Checksum }> {
  const each: [string, Checksum][] = [];
  // one column order for all of them: partitions may have their own
  for (const table of tables)
    each.push([
      table.name,
      await checksumTable(session, { name: table.name, compared: tables[0]?.compared ?? [] }),
    ]);
  return { each, sum: addChecksums(each.map(([, checksum]) => checksum)) };
}

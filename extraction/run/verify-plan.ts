import { PlatformError } from '../../contracts/errors.ts';
import type { Progress } from '../api.ts';
import type { ExtractionPlan } from '../plan/plan.ts';
import { addChecksums, type Checksum } from './checksum.ts';
import { describeDifference, findDifferences } from './differences.ts';
import { runParallel } from './parallel.ts';
import { readSequence, type SequenceState } from './sequences.ts';
import { setSourceSettings } from './source-settings.ts';
import { checksumTables, groupTables, isEqual, type TableGroup } from './table-groups.ts';
import type { Worker } from './workers.ts';

export interface VerifyOptions {
  readonly plan: ExtractionPlan;
  readonly workers: readonly Worker[];
  /** States that were copied; `null` reads the source again. */
  readonly sequences: Readonly<Record<string, SequenceState>> | null;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/**
 * Compares every row of every table on both sides, generated columns included, and the states of sequences.
 *
 * @throws PlatformError `verification-failed` with the first differing rows of each table.
 */
export async function verifyPlan(options: VerifyOptions): Promise<Readonly<Record<string, Checksum>>> {
  const { plan, workers, signal } = options;
  const checksums: Record<string, Checksum> = {};
  const problems: string[] = [];
  for (const { source, target } of workers)
    for (const session of [source, target]) await setSourceSettings(session, plan);
  const work = [...groupTables({ tables: plan.configuration ?? [] }), ...groupTables(plan)]
    .map((group) => ({ id: group.into, locks: [], group }))
    .sort((a, b) => sizeOf(b.group) - sizeOf(a.group));
  let done = 0;
  await runParallel(workers, work, async (worker, { id, group }) => {
    signal.throwIfAborted();
    options.progress({ target: id, done, total: work.length, unit: 'changes' });
    const found = await compareGroup(worker, group);
    Object.assign(checksums, found.checksums);
    problems.push(...found.problems);
    options.progress({ target: id, done: ++done, total: work.length, unit: 'changes' });
  });
  problems.push(...(await compareSequences(options)));
  if (problems.length > 0)
    throw new PlatformError(
      'verification-failed',
      `The copy differs from its source:\n${problems.join('\n')}`,
    );
  return checksums;
}

const sizeOf = ({ tables }: TableGroup): number => tables.reduce((sum, table) => sum + table.bytes, 0);

interface Compared {
  readonly checksums: Readonly<Record<string, Checksum>>;
  readonly problems: readonly string[];
}

async function compareGroup(worker: Worker, group: TableGroup): Promise<Compared> {
  const [source, target] = await Promise.all([
    checksumTables(worker.source, group),
    checksumTables(worker.target, group),
  ]);
  const checksums = Object.fromEntries(source);
  const [expected, actual] = [addChecksums([...source.values()]), addChecksums([...target.values()])];
  if (isEqual(expected, actual)) return { checksums, problems: [] };
  const problems = [
    `${group.into}: ${expected.rows} rows (${expected.digest}) in the source, ${actual.rows} rows (${actual.digest}) in the target`,
  ];
  for (const table of group.tables)
    for (const difference of await findDifferences(worker.source, worker.target, table))
      problems.push(describeDifference(table.name, difference));
  return { checksums, problems };
}

async function compareSequences({ plan, workers, sequences }: VerifyOptions): Promise<string[]> {
  const [worker] = workers;
  if (worker === undefined) return [];
  const problems: string[] = [];
  const describe = ({ value, called }: SequenceState): string => `${value} (called: ${called})`;
  for (const { name } of plan.sequences) {
    const source = sequences?.[name] ?? (await readSequence(worker.source, name));
    const target = await readSequence(worker.target, name);
    if (source.value !== target.value || source.called !== target.called)
      problems.push(`sequence ${name}: ${describe(source)} in the source, ${describe(target)} in the target`);
  }
  return problems;
}

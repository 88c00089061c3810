import { PlatformError } from '../../contracts/errors.ts';
import type { ExtractionPlan } from '../plan/plan.ts';
import type { BroughtHome, Fingerprint, Obstacle, ServiceWrites, WorkOptions, WrittenTable } from '../api.ts';
import { checksumTable } from '../run/checksum.ts';
import { messageOf, openSession, sqlStateOf, type Session } from '../run/session.ts';
import { fetchRows, removeRows } from './apply.ts';
import { decide } from './decide.ts';
import { countDifferences, findDiffering, type Differing } from './digests.ts';
import { advance, findAdvanced, type Advanced } from './positions.ts';
import { findBrokenReferences } from './references.ts';
import { findShapeObstacles } from './shape.ts';
import { silenceTriggers } from './silence.ts';
import { checksumWhole, equal, recordedChecksum, wholesOf, type Whole } from './wholes.ts';

export interface HomewardWork extends WorkOptions {
  readonly plan: ExtractionPlan;
  readonly sourceUrl: string;
  readonly serviceUrl: string;
  /** What the source's tables held at the switch. */
  readonly recorded: Readonly<Record<string, Fingerprint>> | null;
}

/** One whole whose rows come home. */
interface Homeward {
  readonly whole: Whole;
  readonly differing: Differing;
  readonly number: number;
}

interface Survey {
  readonly writes: ServiceWrites;
  readonly home: readonly Homeward[];
  readonly advanced: readonly Advanced[];
}

const NO_SUCH_DATABASE = '3D000';
const LOCK_TIMEOUT = '10s';
const NOTHING: BroughtHome = { tables: [], sequences: [], stay: [], obstacles: [], holds: {} };

/**
 * What the service's tables hold that the source's do not. Changes nothing on either side; without a fence it is what
 * holds at this moment.
 *
 * @throws PlatformError `database-unreachable`. A database that is gone holds nothing.
 */
export async function readServiceWrites(work: HomewardWork): Promise<ServiceWrites> {
  return withBothSides(work, async (source, service) => {
    await source.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    return (await survey(source, service, work)).writes;
  });
}

/**
 * Makes the source's tables equal to the service's, in one transaction of the source, under its fence. Safe to call twice:
 * what is home already differs no more. `confirm` is asked right before the commit, and throws to prevent it.
 *
 * @throws PlatformError `bring-back-refused`, naming every obstacle; the source is as it was then.
 */
export async function bringBack(work: HomewardWork & { readonly confirm: () => Promise<void> }): Promise<BroughtHome> {
  return withBothSides(work, async (source, service) => {
    const tables = work.plan.tables.map((table) => table.name);
    await source.query('BEGIN');
    await source.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    if (tables.length > 0) await source.query(`LOCK TABLE ONLY ${tables.join(', ONLY ')} IN SHARE ROW EXCLUSIVE MODE`);
    const { writes, home, advanced } = await survey(source, service, work);
    if (writes.obstacles.length > 0) throw refusedFor(writes.obstacles);
    if (home.length > 0) await moveHome(source, service, work, home);
    await advance(source, advanced);
    const holds = await fingerprintsOf(source, work.plan, writes.stay);
    await work.confirm();
    await source.query('COMMIT');
    return { ...writes, holds: { ...work.recorded, ...holds } };
  });
} // prettier-ignore

async function moveHome(source: Session, service: Session, work: HomewardWork, home: readonly Homeward[]): Promise<void> {
  const { signal, report, plan } = work;
  const restore = await silenceTriggers(source, plan.tables.map((table) => table.name));
  const sessions = { source, service, signal, searchPath: plan.searchPath };
  for (const { whole, differing } of home) await removeRows(source, whole, differing);
  for (const [index, { whole, ...from }] of home.entries()) {
    signal.throwIfAborted();
    report.progress({ target: whole.into, done: index, total: home.length, unit: 'changes' });
    await fetchRows(sessions, whole, from).catch((error: unknown) => {
      signal.throwIfAborted();
      throw refusedFor([{ object: whole.into, message: `${whole.into}: the source does not take the service's rows: ${messageOf(error)}` }], error);
    });
  }
  await restore();
  const broken = await findBrokenReferences(source, plan.tables.map((table) => table.name));
  if (broken.length > 0) throw refusedFor(broken);
  for (const { whole } of home)
    if (!equal(await checksumWhole(source, whole), await checksumWhole(service, whole)))
      throw new PlatformError('verification-failed', `${whole.into}: what came home differs from the service's rows. Nothing was changed.`);
} // prettier-ignore

/** What the source holds now, for tables that do not go their own way. */
async function fingerprintsOf(source: Session, plan: ExtractionPlan, stay: readonly string[]): Promise<Record<string, Fingerprint>> {
  const found: Record<string, Fingerprint> = {};
  for (const whole of wholesOf(plan))
    for (const { name } of stay.includes(whole.into) ? [] : whole.tables) {
      const { rows, digest } = await checksumTable(source, { name, compared: whole.compared });
      found[name] = { rows, checksum: digest };
    }
  return found;
} // prettier-ignore

async function survey(source: Session, service: Session, work: HomewardWork): Promise<Survey> {
  const obstacles: Obstacle[] = await findShapeObstacles(source, service, work.plan);
  const tables: WrittenTable[] = [];
  const stay: string[] = [];
  const home: Homeward[] = [];
  for (const [number, whole] of wholesOf(work.plan).entries()) {
    work.signal.throwIfAborted();
    if (whole.tables.some((table) => obstacles.some((obstacle) => obstacle.object === table.name))) continue;
    const [ours, theirs] = await Promise.all([checksumWhole(source, whole), checksumWhole(service, whole)]);
    const recorded = recordedChecksum(whole, work.recorded);
    const decision = decide({ recorded, source: ours, service: theirs });
    if (decision === 'stay') stay.push(whole.into);
    if (decision === 'same' || decision === 'stay') continue;
    const differing = await findDiffering({ source, service }, whole, { number, signal: work.signal });
    const written = await countDifferences({ source, service }, whole, differing);
    tables.push(written);
    if (decision === 'conflict') obstacles.push({ object: whole.into, message: conflictOf(written, recorded === null) });
    else if (whole.tables.some((table) => table.largeObjects.length > 0))
      obstacles.push({ object: whole.into, message: `${whole.into}: its rows point at large objects, which do not come home with them` });
    else home.push({ whole, number, differing });
  }
  const sequences = obstacles.length > 0 ? [] : await findAdvanced(source, service, work.plan.sequences);
  return { home, advanced: sequences, writes: { tables, stay, obstacles, sequences: sequences.map((item) => item.name) } };
} // prettier-ignore

function conflictOf(written: WrittenTable, unknown: boolean): string {
  const why = unknown
    ? 'what the source held at the switch was not written down'
    : 'the source was changed since the switch as well, past its fence';
  return `${written.name}: ${why}; the two sides differ in ${written.examples.join(', ')}`;
}

const refusedFor = (obstacles: readonly Obstacle[], cause?: unknown): PlatformError =>
  new PlatformError('bring-back-refused', obstacles.map((obstacle) => obstacle.message).join('\n'), {
    ...(cause === undefined ? {} : { cause }),
    errors: obstacles.map(({ object, message }) => ({ pointer: object, message })),
  });

/** Whatever `run` has not committed in the source is taken back; the service keeps its rows in any case. */
async function withBothSides<T extends ServiceWrites>(
  work: HomewardWork,
  run: (source: Session, service: Session) => Promise<T>,
): Promise<T | typeof NOTHING> {
  let service: Session;
  try {
    service = await openSession({ url: work.serviceUrl, applicationName: 'gulp rollback' });
  } catch (error) {
    if (error instanceof Error && sqlStateOf(error.cause) === NO_SUCH_DATABASE) return NOTHING;
    throw error;
  }
  try {
    await service.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const source = await openSession({ url: work.sourceUrl, applicationName: 'gulp rollback' });
    try {
      return await run(source, service);
    } finally {
      await source.query('ROLLBACK').catch(() => undefined); // after a commit: nothing to take back
      await source.end().catch(() => undefined);
    }
  } finally {
    await service.end().catch(() => undefined);
  }
}

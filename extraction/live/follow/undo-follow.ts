import pg from 'pg';
import { FENCE_FUNCTION } from '../../../contracts/fence.ts';
import type { FenceSpec } from '../../api.ts';
import { readCheckpoint } from '../../run/checkpoint.ts';
import { dropDatabase } from '../../run/create-database.ts';
import { dropFence, openFence } from '../../run/fence.ts';
import { rollBack } from '../../run/roll-back.ts';
import { isTrue, rowsOf, type Session } from '../../run/session.ts';
import { dropPublication, dropSlot, dropSubscription } from '../stream.ts';
import type { FollowNames } from './names.ts';
import { patiently, withPatience, withPatienceIfThere } from './patience.ts';

export interface Sides {
  readonly sourceUrl: string;
  readonly targetUrl: string;
  readonly names: FollowNames;
}

/** Whether a fence of this name refuses writers. */
export const isFenceClosed = (session: Session, name: string): Promise<boolean> =>
  isTrue(
    session,
    `EXISTS (SELECT FROM pg_proc WHERE pronamespace = to_regnamespace($1) AND proname = $2 AND prosrc LIKE '%RAISE%')`,
    [FENCE_FUNCTION, name],
  );

/** The fence of this name as it is now, with the tables that it guards; `null` when there is none. */
async function readFence(session: Session, name: string): Promise<FenceSpec | null> {
  const rows = await rowsOf<{ table: string | null }>(
    session,
    `SELECT t.tgrelid::regclass::text AS table FROM pg_proc p LEFT JOIN pg_trigger t ON t.tgfoid = p.oid
      WHERE p.pronamespace = to_regnamespace($1) AND p.proname = $2`,
    [FENCE_FUNCTION, name],
  );
  if (rows.length === 0) return null;
  const tables = rows.flatMap(({ table }) => (table === null ? [] : [table]));
  return { toolId: name, toolName: name, takenOverBy: '', tables };
}

/** Lets writers of the source pass at once, then removes the fence. Safe to call twice. */
export async function removeFence(url: string, name: string): Promise<void> {
  const fence = await withPatienceIfThere(url, null, async (session) => {
    const found = await readFence(session, name);
    if (found !== null) await openFence(session, found);
    return found;
  });
  if (fence === null) return;
  if (fence.tables.length > 0) await patiently(() => dropFence(url, fence));
  else
    await withPatience(url, async (session) => {
      await session.query(`DROP FUNCTION IF EXISTS ${FENCE_FUNCTION}.${pg.escapeIdentifier(name)}()`);
    });
}

/** Ends the stream from the source to the target, with slot, publication, subscription and origin. Safe to call twice. */
export async function removeStreamOut({ sourceUrl, targetUrl, names }: Sides): Promise<void> {
  await withPatienceIfThere(targetUrl, undefined, (session) => dropSubscription(session, names.out));
  await removePublisher(sourceUrl, names.out);
}

/** The same for the stream from the target to the source. */
export async function removeStreamBack({ sourceUrl, targetUrl, names }: Sides): Promise<void> {
  await withPatienceIfThere(sourceUrl, undefined, (session) => dropSubscription(session, names.back));
  await removePublisher(targetUrl, names.back);
}

const removePublisher = (url: string, name: string): Promise<void> =>
  withPatienceIfThere(url, undefined, async (session) => {
    await dropSlot(session, name);
    await dropPublication(session, name);
  });

/** Opens the source for writes and removes both streams, as far as the servers answer. Safe to call twice. */
export async function removeStreams({ sourceUrl, targetUrl, names }: Sides): Promise<void> {
  const source = async (): Promise<void> => {
    await removeFence(sourceUrl, names.out);
    await withPatienceIfThere(sourceUrl, undefined, (session) => dropSubscription(session, names.back));
    await removePublisher(sourceUrl, names.out);
  };
  const target = async (): Promise<void> => {
    await withPatienceIfThere(targetUrl, undefined, (session) => dropSubscription(session, names.out));
    await removePublisher(targetUrl, names.back);
    await removeFence(targetUrl, names.out);
  };
  const failed = (await Promise.allSettled([source(), target()])).flatMap((side) =>
    side.status === 'rejected' ? [side.reason as unknown] : [],
  );
  if (failed.length > 0) throw new AggregateError(failed, '');
}

/**
 * The same, with the copied tables. Safe to call twice.
 *
 * @param created whether the run has created the target's database, which is dropped then
 */
export async function rollBackFollow(sides: Sides, created: boolean): Promise<void> {
  await removeStreams(sides);
  const { targetUrl } = sides;
  // The ledger goes last: a closed fence without a ledger is that of a completed switch
  if (created) return patiently(() => dropDatabase(targetUrl));
  await withPatienceIfThere(targetUrl, undefined, async (session) => {
    const checkpoint = await readCheckpoint(session);
    if (checkpoint !== null) await rollBack(session, checkpoint);
  });
}

const literal = (name: string): string => pg.escapeLiteral(name);

/** Statements that do the same by hand, side by side. */
export function rollBackCommands({ names: { out, back } }: Sides, undo: readonly string[]): string[] {
  const publisher = (name: string): string[] => [
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ${literal(name)};`,
    `DROP PUBLICATION IF EXISTS ${name};`,
  ];
  return [
    ...dropSubscriptionCommands(out),
    ...publisher(back),
    ...undo.map((sql) => `${sql};`),
    'In the source:',
    ...dropSubscriptionCommands(back),
    dropFenceCommand(out),
    ...publisher(out),
  ];
}

/** Statements that end a subscription, whatever became of its slot. */
export const dropSubscriptionCommands = (name: string): string[] => [
  `ALTER SUBSCRIPTION ${name} DISABLE;`,
  `ALTER SUBSCRIPTION ${name} SET (slot_name = NONE);`,
  `DROP SUBSCRIPTION ${name};`,
];

export const dropPublisherCommands = (name: string): string[] => [
  `SELECT pg_drop_replication_slot(${literal(name)});`,
  `DROP PUBLICATION ${name};`,
];

export const dropFenceCommand = (name: string): string =>
  `DROP FUNCTION IF EXISTS ${FENCE_FUNCTION}.${name}() CASCADE;`;

import type { Finding } from '../../../contracts/plan.ts';
import type { ExtractionRequest } from '../../plan/extraction.ts';
import { finding } from '../../plan/findings.ts';
import { readCheckpoint } from '../../run/checkpoint.ts';
import { prepareExtraction } from '../../run/extract-tables.ts';
import type { ReadExtraction } from '../../run/read-extraction.ts';
import { isMissingDatabase, openSession, rowsOf } from '../../run/session.ts';
import { refuseSwitched, SWITCHED } from './follow.ts';
import { readFollowLimits } from './follow-limits.ts';
import { FOLLOW_NAME, readFollowNames, type FollowNames } from './names.ts';

export interface FollowRequest {
  readonly sourceUrl: string;
  readonly targetUrl: string;
  /** The addresses at which each server reaches the other. */
  readonly sourceFromTarget: string;
  readonly targetFromSource: string;
  readonly request: ExtractionRequest;
  readonly reverse: boolean;
}

export interface PreparedFollow {
  readonly prepared: ReadExtraction;
  readonly names: FollowNames;
}

/** Reads both sides and plans, with everything that prevents the target from following the source. Changes nothing. */
export async function prepareFollow(options: FollowRequest): Promise<PreparedFollow> {
  const { sourceUrl, targetUrl } = options;
  const names = await readFollowNames(sourceUrl, targetUrl);
  const targetHasLedger = await hasLedger(targetUrl);
  const prepared = await prepareExtraction(sourceUrl, targetUrl, options.request);
  if (prepared.plan === null) return { names, prepared };
  const limits = await readFollowLimits(
    {
      ...options,
      names,
      fenced: prepared.fenced,
      targetIsMissing: prepared.target.missing,
      targetHasLedger,
    },
    prepared.plan,
  );
  return { names, prepared: { ...prepared, findings: [...prepared.findings, ...limits] } };
}

/** @throws PlatformError `rollback-first` */
const hasLedger = (targetUrl: string): Promise<boolean> =>
  ifThere(targetUrl, async (url) => {
    const session = await openSession({ url });
    try {
      await refuseSwitched(session);
      return (await readCheckpoint(session)) !== null;
    } finally {
      await session.end();
    }
  });

/** Refuses an extraction without `--follow` into a target whose tables a stream still writes to. Changes nothing. */
export async function findFollower(targetUrl: string): Promise<readonly Finding[]> {
  const isFollowed = await ifThere(targetUrl, async (url) => {
    const session = await openSession({ url });
    try {
      const found = await rowsOf(
        session,
        'SELECT FROM pg_subscription WHERE subname ~ $1 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())',
        [FOLLOW_NAME],
      );
      return found.length > 0 || (await readCheckpoint(session))?.done.has(SWITCHED) === true;
    } finally {
      await session.end();
    }
  });
  if (!isFollowed) return [];
  return [
    finding({
      severity: 'error',
      code: 'rollback-first',
      message: 'A run with --follow writes to this target, or was killed before it had ended',
      remedy: 'Wait for it, or run the same command with --clean-up.',
    }),
  ];
}

async function ifThere(url: string, read: (url: string) => Promise<boolean>): Promise<boolean> {
  try {
    return await read(url);
  } catch (error) {
    if (isMissingDatabase(error)) return false;
    throw error;
  }
}

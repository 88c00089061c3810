import type { Finding } from '../../../contracts/plan.ts';
import type { ExtractionRequest } from '../../plan/extraction.ts';
import { finding } from '../../plan/findings.ts';
import { prepareExtraction } from '../../run/extract-tables.ts';
import type { ReadExtraction } from '../../run/read-extraction.ts';
import { isMissingDatabase, openSession, type Session } from '../../run/session.ts';
import { readFollowLimits } from './follow-limits.ts';
import { readUnfinished, refuseSwitched } from './ledger.ts';
import { readFollowNames, type FollowNames } from './names.ts';

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
  const names = await readFollowNames(sourceUrl, targetUrl, options.request.tables);
  const unfinished = await onTarget(targetUrl, refuseSwitched);
  const prepared = await prepareExtraction(sourceUrl, targetUrl, options.request);
  if (prepared.plan === null) return { names, prepared };
  const limits = await readFollowLimits(
    {
      ...options,
      names,
      fenced: prepared.fenced,
      targetIsMissing: prepared.target.missing,
      killedFences: unfinished === null ? [] : [names.out, ...unfinished.names],
    },
    prepared.plan,
  );
  return { names, prepared: { ...prepared, findings: [...prepared.findings, ...limits] } };
}

/** Refuses an extraction without `--follow` into a target whose tables a stream still writes to. Changes nothing. */
export async function findFollower(targetUrl: string): Promise<readonly Finding[]> {
  const unfinished = await onTarget(targetUrl, readUnfinished);
  if (unfinished === null || unfinished.names.length === 0) return [];
  return [
    finding({
      severity: 'error',
      code: 'rollback-first',
      message: 'A run with --follow writes to this target, or was killed before it had ended',
      remedy: 'Wait for it, or run the same command with --clean-up.',
    }),
  ];
}

/** `null` also when the database does not exist. */
async function onTarget<T>(url: string, read: (session: Session) => Promise<T>): Promise<T | null> {
  try {
    const session = await openSession({ url });
    try {
      return await read(session);
    } finally {
      await session.end();
    }
  } catch (error) {
    if (isMissingDatabase(error)) return null;
    throw error;
  }
}

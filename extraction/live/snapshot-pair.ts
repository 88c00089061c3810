import { PlatformError } from '../../contracts/errors.ts';
import type { ExtractionPlan, Fingerprint, WorkOptions } from '../api.ts';
import type { SwitchSpec } from './live-api.ts';
import { openSession, rowsOf, type Session } from '../run/session.ts';
import { verifyPlan } from '../run/verify-plan.ts';
import { JOBS } from '../run/with-workers.ts';
import { openWorkers } from '../run/workers.ts';

/** Snapshots of both sides from one moment in which neither takes writes. */
export interface SnapshotPair {
  /** Takes them: two short statements a side. */
  open(): Promise<void>;
  /** @throws PlatformError `verification-failed` with the first differing rows */
  verify(options: WorkOptions): Promise<Readonly<Record<string, Fingerprint>>>;
  /** Whether no row of the target was written since the snapshot. */
  isTargetUnchanged(options: WorkOptions): Promise<boolean>;
  close(): Promise<void>;
}

/** Connects to both sides ahead of the moment. */
export async function openSnapshotPair({
  plan,
  service,
  stream,
  fromUrl,
  toUrl,
}: SwitchSpec & { readonly fromUrl: string; readonly toUrl: string }): Promise<SnapshotPair> {
  // The plan's source is the monolith, whichever way the switch goes
  const [sourceUrl, targetUrl] =
    service.database === stream.to.database ? [fromUrl, toUrl] : [toUrl, fromUrl];
  const source = await openSession({ url: sourceUrl });
  const target = await openSession({ url: targetUrl }).catch(async (error: unknown) => {
    await source.end().catch(() => undefined);
    throw error;
  });
  let ids: readonly [string, string] | null = null;
  return {
    async open() {
      ids = await Promise.all([takeSnapshot(source), takeSnapshot(target)]);
    },
    async verify(options) {
      if (ids === null) throw new Error('the pair of snapshots has not been taken');
      const [snapshot, targetSnapshot] = ids;
      return compare({ sourceUrl, targetUrl, snapshot, targetSnapshot }, plan, options);
    },
    async isTargetUnchanged(options) {
      if (ids === null) throw new Error('the pair of snapshots has not been taken');
      const then = { sourceUrl: targetUrl, targetUrl, snapshot: ids[1] };
      try {
        await compare(then, plan, options);
        return true;
      } catch (error) {
        if (error instanceof PlatformError && error.code === 'verification-failed') return false;
        throw error;
      }
    },
    async close() {
      await Promise.all([source, target].map((session) => session.end().catch(() => undefined)));
    },
  };
}

async function takeSnapshot(session: Session): Promise<string> {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const [row] = await rowsOf<{ id: string }>(session, 'SELECT pg_export_snapshot() AS id');
  if (row === undefined) throw new Error('pg_export_snapshot() gave no row');
  return row.id;
}

async function compare(
  pair: Omit<Parameters<typeof openWorkers>[0], 'jobs'>,
  plan: ExtractionPlan,
  { signal, report }: WorkOptions,
): Promise<Readonly<Record<string, Fingerprint>>> {
  const workers = await openWorkers({ ...pair, jobs: JOBS });
  try {
    const checksums = await verifyPlan({
      // sequences belong to no snapshot: they were set in the pause
      plan: { ...plan, sequences: [] },
      workers: workers.all,
      sequences: null,
      signal,
      progress: (progress) => report.progress({ ...progress, phase: 'verifying' }),
    });
    return Object.fromEntries(
      Object.entries(checksums).map(([name, { rows, digest }]) => [name, { rows, checksum: digest }]),
    );
  } finally {
    await workers.close();
  }
}

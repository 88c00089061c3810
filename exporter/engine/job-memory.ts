import type { Json } from '../../contracts/plan.ts';
import { must, type Run } from './run.ts';

/**
 * Keeps a value with the job, at once and over the connection that holds the lock: what a later process must know even
 * if this one dies. `null` forgets it.
 */
export async function keepWithJob(run: Run, name: string, value: Json): Promise<void> {
  if (value === null) Reflect.deleteProperty(run.remembered, name);
  else run.remembered[name] = value;
  if (run.jobId === null) return;
  await must(run.session, 'the session').client.query(
    `UPDATE export_jobs SET result = CASE WHEN $3::jsonb IS NULL THEN coalesce(result, '{}') - $2::text
        ELSE coalesce(result, '{}') || jsonb_build_object($2::text, $3::jsonb) END WHERE id = $1`,
    [run.jobId, name, value === null ? null : JSON.stringify(value)],
  );
}

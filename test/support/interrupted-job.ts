import pg from 'pg';
import { JournalBreakpoint } from './journal-breakpoint.ts';
import type { Lab } from './lab.ts';

/**
 * An export of the tool that died with its first row written and nothing done: `export --resume` goes on with the plan
 * that it has made, so that a test pays for the preflight once.
 */
export async function dieAtFirstChange(lab: Lab, toolId: string, runtime = 'local'): Promise<void> {
  const breakpoint = await JournalBreakpoint.install(lab);
  await breakpoint.stopAt([{ seq: 1, state: 'started' }]);
  await breakpoint.killNext(() =>
    lab.spawnGulp('export', `--tool-id=${toolId}`, `--runtime=${runtime}`, '--silent'),
  );
  await breakpoint.remove();
}

/** Prepares the next one after the job was rolled back: none of its effects remain. */
export async function dieAgain(lab: Lab, toolId: string): Promise<void> {
  const client = new pg.Client({ connectionString: await lab.databaseUrl() });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; open: number }>(
      `SELECT id, (SELECT count(*)::int FROM export_journal e WHERE e.job_id = j.id AND e.state <> 'undone') AS open
         FROM export_jobs j WHERE tool_id = $1 ORDER BY ordinal DESC LIMIT 1`,
      [toolId],
    );
    if (rows[0]?.open !== 0)
      throw new Error(`the last job of ${toolId} has not been rolled back: ${JSON.stringify(rows)}`);
    const { id } = rows[0];
    await client.query('DELETE FROM export_journal WHERE job_id = $1 AND seq > 1', [id]);
    await client.query(
      `UPDATE export_journal SET state = 'started', ended_at = NULL, undone_at = NULL WHERE job_id = $1`,
      [id],
    );
    await client.query(
      `UPDATE export_jobs SET status = 'interrupted', error = NULL, result = NULL WHERE id = $1`,
      [id],
    );
  } finally {
    await client.end();
  }
}

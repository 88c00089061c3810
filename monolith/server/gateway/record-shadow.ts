import type { Pool } from 'pg';
import type { ShadowReport } from './shadows.ts';

/** Examples that are kept. */
const MOST = 5;

/** Adds a report to what is recorded of a shadow, if it still is. */
export async function recordShadow(
  pool: Pool,
  toolId: string,
  { compared, differing, unstable, skipped, open, examples }: ShadowReport & { readonly open: number },
): Promise<void> {
  await pool.query(
    `UPDATE tool_shadows
        SET compared = compared + $2, differing = differing + $3, unstable = unstable + $4, skipped = skipped + $5, open = $6,
            examples = CASE WHEN jsonb_array_length(examples) < ${MOST} THEN examples || $7::jsonb ELSE examples END
      WHERE tool_id = $1`,
    [toolId, compared, differing, unstable, skipped, open, JSON.stringify(examples)],
  );
}

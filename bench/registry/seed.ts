import pg from 'pg';

/**
 * Fills an empty, migrated registry with tools whose names are made of two thousand words, as those of a large
 * company would be. The history is left out: no query of the benchmark reads it.
 */
export async function seedTools(url: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SET LOCAL session_replication_role = replica'); // no triggers
    await client.query(
      `WITH words AS MATERIALIZED (
         SELECT array_agg(w ORDER BY n) AS list FROM (
           SELECT n, translate(md5(n::text), '0123456789', 'aeioutrsln') AS long FROM generate_series(1, 2000) n
         ) made CROSS JOIN LATERAL (SELECT left(long, 5 + n % 6) AS w) cut)
       INSERT INTO tool_registry (tool_id, name, description, version, status, owner, route, api_base, database_tables,
                                  endpoints, permissions, created_at, updated_at)
       SELECT id, initcap(a || ' ' || b), 'Keeps ' || c || ' and ' || b || ' in order.', '1.' || n % 20 || '.0',
              (ARRAY['alpha', 'beta', 'active', 'active', 'active', 'deprecated'])[1 + n % 6], 'team-' || n % 40,
              '/tools/' || id, '/api/tools/' || id, ARRAY[replace(id, '-', '_')],
              '[{"method": "GET", "path": "/items", "summary": "", "permissions": ["items:read"]}]',
              ARRAY['items:read', 'items:write'], now() - n * interval '1 minute', now() - n * interval '30 seconds'
         FROM words, generate_series(1, $1::int) n
         CROSS JOIN LATERAL (SELECT list[1 + (n * 7) % 2000] AS a, list[1 + (n * 13 + n / 2000) % 2000] AS b,
                                    list[1 + (n * 31) % 2000] AS c) pick
         CROSS JOIN LATERAL (SELECT a || '-' || b || '-' || n AS id) named`,
      [count],
    );
    await client.query(
      `INSERT INTO tool_words SELECT word FROM ts_stat('SELECT search FROM tool_registry')
        WHERE word !~ '-' AND word !~ '^[0-9.]+$' ON CONFLICT DO NOTHING`,
    );
    await client.query(
      `INSERT INTO tool_registry_counts (owner, status, is_exported, tools)
       SELECT owner, status, is_exported, count(*) FROM tool_registry GROUP BY owner, status, is_exported`,
    );
    await client.query('COMMIT');
    await client.query('VACUUM (ANALYZE) tool_registry');
    await client.query('ANALYZE tool_words, tool_registry_counts');
  } finally {
    await client.end();
  }
}

/** Words of the registry, the same ones in every run. */
export async function someWords(url: string, count: number): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ word: string }>(
      `SELECT word FROM tool_words WHERE word ~ '^[a-z]{7,}$' ORDER BY md5(word) LIMIT $1`,
      [count],
    );
    return rows.map((row) => row.word);
  } finally {
    await client.end();
  }
}

/** The word with two letters changed round. */
export const mistyped = (word: string): string =>
  `${word.slice(0, 3)}${word[4] ?? ''}${word[3] ?? ''}${word.slice(5)}`;

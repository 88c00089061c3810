import pg from 'pg';
import type { StoredItem } from './ledger.ts';

/** The items whose SKU begins with `prefix`, with their movements, as a database holds them. */
export async function readStored(databaseUrl: string, prefix: string): Promise<readonly StoredItem[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<StoredItem>(
      `SELECT sku, reorder_level AS "reorderLevel", quantity,
              ARRAY(SELECT reason FROM inventory_transactions t WHERE t.item_id = i.id ORDER BY movement_no) AS movements
         FROM inventory_items i WHERE starts_with(sku, $1)`,
      [prefix],
    );
    return rows;
  } finally {
    await client.end();
  }
}

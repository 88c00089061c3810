import type { Pool, PoolClient } from 'pg';
import type {
  InventoryItem,
  InventoryTransaction,
  ItemEdit,
  ItemQuery,
  Movement,
  NewItem,
  PageRequest,
} from '../types/inventory.types.ts';
import type { Versioned } from '../types/versioned.ts';

/** The pool, or the connection of a transaction. */
export type Queryable = Pick<Pool | PoolClient, 'query'>;

const ITEM = `id, sku, name, description, location, quantity, reorder_level AS "reorderLevel", price::text AS price,
  attributes, created_at AS "createdAt", updated_at AS "updatedAt"`;

// The fields of an edit. Stock is not among them: a movement does not refuse the edit of a user who has not seen it.
const EDITION = 'md5(ROW(sku, name, description, location, reorder_level, price, attributes)::text)';
// The second part changes with the stock, so that no cache keeps an old quantity.
const VERSIONED = `${ITEM}, ${EDITION} || '.' || (extract(epoch FROM updated_at) * 1000000)::bigint AS "_version"`;
const HAS_VERSION = `($2::text[] IS NULL OR ${EDITION} = ANY (SELECT split_part(version, '.', 1) FROM unnest($2::text[]) AS version))`;

type Stored = InventoryItem & { readonly _version: string };

const TRANSACTION = `id, item_id AS "itemId", movement_no::int AS "movementNo", kind, change,
  quantity_after AS "quantityAfter", reason, actor, created_at AS "createdAt"`;

// Allow-list for ORDER BY: no text of a request reaches the SQL.
const ORDER: Record<`${ItemQuery['sort']} ${ItemQuery['order']}`, string> = {
  'name asc': 'name, id',
  'name desc': 'name DESC, id DESC',
  'sku asc': 'sku',
  'sku desc': 'sku DESC',
  'quantity asc': 'quantity, id',
  'quantity desc': 'quantity DESC, id DESC',
  'price asc': 'inventory_items.price, id',
  'price desc': 'inventory_items.price DESC, id DESC',
  'updatedAt asc': 'updated_at, id',
  'updatedAt desc': 'updated_at DESC, id DESC',
};

const MATCHES = `($1 = '' OR name ILIKE $2 OR sku ILIKE $2) AND (NOT $3 OR quantity <= reorder_level)`;

/** Data access only; no business logic. */
export class InventoryRepository {
  private readonly db: Queryable;

  constructor(db: Queryable) {
    this.db = db;
  }

  async list(query: ItemQuery): Promise<{ data: InventoryItem[]; total: number }> {
    const filter = [query.q, `%${query.q.replace(/[\\%_]/g, '\\$&')}%`, query.lowStock];
    const [page, count] = await Promise.all([
      this.db.query<InventoryItem>(
        `SELECT ${ITEM} FROM inventory_items WHERE ${MATCHES} ORDER BY ${ORDER[`${query.sort} ${query.order}`]} LIMIT $4 OFFSET $5`,
        [...filter, query.limit, query.offset],
      ),
      this.db.query<{ total: number }>(
        `SELECT count(*)::int AS total FROM inventory_items WHERE ${MATCHES}`,
        filter,
      ),
    ]);
    return { data: page.rows, total: count.rows[0]?.total ?? 0 };
  }

  async find(id: string): Promise<Versioned<InventoryItem> | undefined> {
    const { rows } = await this.db.query<Stored>(`SELECT ${VERSIONED} FROM inventory_items WHERE id = $1`, [
      id,
    ]);
    return versioned(rows);
  }

  /** Locks the row until the transaction ends, so that no two movements start from the same stock. */
  async findForUpdate(id: string): Promise<InventoryItem | undefined> {
    const { rows } = await this.db.query<InventoryItem>(
      `SELECT ${ITEM} FROM inventory_items WHERE id = $1 FOR UPDATE`,
      [id],
    );
    return rows[0];
  }

  /** `undefined` when the SKU is taken. */
  async insert(item: NewItem): Promise<Versioned<InventoryItem> | undefined> {
    const { rows } = await this.db.query<Stored>(
      `INSERT INTO inventory_items (sku, name, description, location, reorder_level, price, attributes, quantity)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (sku) DO NOTHING
       RETURNING ${VERSIONED}`,
      [...editValues(item), item.quantity],
    );
    return versioned(rows);
  }

  /** Changes the item only in one of `versions`; `null`: in any. The comparison and the change are one statement. */
  async update(
    id: string,
    edit: ItemEdit,
    versions: readonly string[] | null,
  ): Promise<Versioned<InventoryItem> | undefined> {
    const { rows } = await this.db.query<Stored>(
      `UPDATE inventory_items
       SET sku = $3, name = $4, description = $5, location = $6, reorder_level = $7, price = $8, attributes = $9,
           updated_at = now()
       WHERE id = $1 AND ${HAS_VERSION}
       RETURNING ${VERSIONED}`,
      [id, versions, ...editValues(edit)],
    );
    return versioned(rows);
  }

  /** Versions as in {@link update}. */
  async delete(id: string, versions: readonly string[] | null): Promise<boolean> {
    const { rowCount } = await this.db.query(`DELETE FROM inventory_items WHERE id = $1 AND ${HAS_VERSION}`, [
      id,
      versions,
    ]);
    return rowCount === 1;
  }

  async setQuantity(id: string, quantity: number): Promise<InventoryItem> {
    const { rows } = await this.db.query<InventoryItem>(
      `UPDATE inventory_items SET quantity = $2, updated_at = now() WHERE id = $1 RETURNING ${ITEM}`,
      [id, quantity],
    );
    const [item] = rows;
    if (item === undefined) throw new Error(`inventory item ${id} vanished inside its own transaction`);
    return item;
  }

  async addTransaction(
    itemId: string,
    entry: Movement & { readonly quantityAfter: number; readonly actor: string },
  ): Promise<InventoryTransaction> {
    const { rows } = await this.db.query<InventoryTransaction>(
      `INSERT INTO inventory_transactions (item_id, kind, change, quantity_after, reason, actor)
       VALUES ($1, $2, $3, $4, $5, $6)
       RETURNING ${TRANSACTION}`,
      [itemId, entry.kind, entry.change, entry.quantityAfter, entry.reason, entry.actor],
    );
    return rows[0] as InventoryTransaction;
  }

  async transactions(
    itemId: string,
    page: PageRequest,
  ): Promise<{ data: InventoryTransaction[]; total: number }> {
    const [entries, count] = await Promise.all([
      this.db.query<InventoryTransaction>(
        `SELECT ${TRANSACTION} FROM inventory_transactions
         WHERE item_id = $1 ORDER BY inventory_transactions.movement_no DESC LIMIT $2 OFFSET $3`,
        [itemId, page.limit, page.offset],
      ),
      this.db.query<{ total: number }>(
        'SELECT count(*)::int AS total FROM inventory_transactions WHERE item_id = $1',
        [itemId],
      ),
    ]);
    return { data: entries.rows, total: count.rows[0]?.total ?? 0 };
  }
}

function versioned([first]: readonly Stored[]): Versioned<InventoryItem> | undefined {
  if (first === undefined) return undefined;
  const { _version: version, ...row } = first;
  return { row, version };
}

const editValues = (edit: ItemEdit): unknown[] => [
  edit.sku,
  edit.name,
  edit.description,
  edit.location,
  edit.reorderLevel,
  edit.price,
  edit.attributes,
];

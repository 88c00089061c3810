import type { Pool } from 'pg';
import { HttpProblem } from '#contracts/http-problem';
import { InventoryRepository } from '../repositories/inventory.repository.ts';
import type {
  InventoryItem,
  InventoryTransaction,
  ItemEdit,
  ItemQuery,
  Movement,
  NewItem,
  Page,
  PageRequest,
} from '../types/inventory.types.ts';
import type { Versioned } from '../types/versioned.ts';
import { inTransaction } from './transaction.ts';

/** Fits PostgreSQL's integer with room to spare; a larger quantity is a typing error. */
const MOST_PIECES = 1_000_000_000;

/** Business rules for stock: SKUs are unique, stock is never negative, and every movement is in the ledger. */
export class InventoryService {
  private readonly db: Pool;
  private readonly items: InventoryRepository;

  constructor(db: Pool) {
    this.db = db;
    this.items = new InventoryRepository(db);
  }

  async list(query: ItemQuery): Promise<Page<InventoryItem>> {
    return { ...(await this.items.list(query)), limit: query.limit, offset: query.offset };
  }

  /** @throws HttpProblem 404. */
  async get(id: string): Promise<Versioned<InventoryItem>> {
    return (await this.items.find(id)) ?? noItem(id);
  }

  /** @throws HttpProblem 409 when the SKU is taken. */
  async create(item: NewItem): Promise<Versioned<InventoryItem>> {
    return (await this.items.insert(item)) ?? skuTaken(item.sku);
  }

  /**
   * @param versions versions of the item that may be changed; `null`: any
   * @throws HttpProblem 404; 409 when another item has the SKU; 412 in another version.
   */
  async edit(
    id: string,
    edit: ItemEdit,
    versions: readonly string[] | null,
  ): Promise<Versioned<InventoryItem>> {
    try {
      return (await this.items.update(id, edit, versions)) ?? (await this.refuse(id));
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION) skuTaken(edit.sku);
      throw error;
    }
  }

  /** @throws HttpProblem 404; 409 when the item has movements, because the ledger references it; 412 as {@link edit}. */
  async remove(id: string, versions: readonly string[] | null): Promise<void> {
    try {
      if (!(await this.items.delete(id, versions))) await this.refuse(id);
    } catch (error) {
      if (sqlState(error) !== FOREIGN_KEY_VIOLATION) throw error;
      throw new HttpProblem(
        409,
        'item-has-movements',
        'The item has stock movements and is kept for the ledger.',
      );
    }
  }

  /**
   * Moves stock and writes the ledger entry atomically.
   * @throws HttpProblem 404; 409 when the stock would go below zero.
   */
  async adjust(
    id: string,
    movement: Movement,
    actor: string,
  ): Promise<{ item: InventoryItem; transaction: InventoryTransaction }> {
    return inTransaction(this.db, async (client) => {
      const items = new InventoryRepository(client);
      const before = (await items.findForUpdate(id)) ?? noItem(id);
      const quantityAfter = before.quantity + movement.change;
      if (quantityAfter < 0)
        throw new HttpProblem(
          409,
          'insufficient-stock',
          `There are ${before.quantity} pieces of ${before.sku}; ${-movement.change} cannot be taken out.`,
        );
      if (quantityAfter > MOST_PIECES)
        throw new HttpProblem(409, 'stock-limit', `An item holds at most ${MOST_PIECES} pieces.`);
      const item = await items.setQuantity(id, quantityAfter);
      const transaction = await items.addTransaction(id, { ...movement, quantityAfter, actor });
      return { item, transaction };
    });
  }

  /** Newest first. @throws HttpProblem 404. */
  async transactions(id: string, page: PageRequest): Promise<Page<InventoryTransaction>> {
    await this.get(id);
    return { ...(await this.items.transactions(id, page)), ...page };
  }

  /** Why an item was not changed: it does not exist, or has another version. */
  private async refuse(id: string): Promise<never> {
    const { row } = await this.get(id);
    throw new HttpProblem(
      412,
      'item-changed',
      `This item was changed at ${row.updatedAt.toISOString()}, after it was read. Read it again, then repeat the change.`,
    );
  }
}

// PostgreSQL manual, Appendix A
const FOREIGN_KEY_VIOLATION = '23503';
const UNIQUE_VIOLATION = '23505';

const sqlState = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

function noItem(id: string): never {
  throw new HttpProblem(404, 'item-not-found', `There is no inventory item ${id}.`);
}

function skuTaken(sku: string): never {
  throw new HttpProblem(409, 'sku-taken', `Another item has the SKU ${sku}.`, [
    { pointer: '/sku', message: 'is taken' },
  ]);
}

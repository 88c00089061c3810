/** An item as the API returns it. `price` is text such as `"12.50"`: money never passes through floating point. */
export interface InventoryItem {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly location: string;
  readonly quantity: number;
  readonly reorderLevel: number;
  readonly price: string;
  readonly attributes: Attributes;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Fields that an edit replaces. Stock is not among them: only movements change it. */
export type ItemEdit = Pick<
  InventoryItem,
  'sku' | 'name' | 'description' | 'location' | 'reorderLevel' | 'price' | 'attributes'
>;

export type NewItem = ItemEdit & Pick<InventoryItem, 'quantity'>;

export type MovementKind = 'receipt' | 'issue' | 'correction';

/** `change` pieces in (positive) or out (negative). */
export interface Movement {
  readonly change: number;
  readonly kind: MovementKind;
  readonly reason: string;
}

export interface InventoryTransaction extends Movement {
  readonly id: string;
  readonly quantityAfter: number;
  readonly actor: string;
  readonly createdAt: string;
}

export const SORTS = ['name', 'sku', 'quantity', 'price', 'updatedAt'] as const;
export type Sort = (typeof SORTS)[number];

export interface ItemQuery {
  readonly q: string;
  readonly lowStock: boolean;
  readonly sort: Sort;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly offset: number;
}

/** `total` counts all matching rows, not only this page. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

/** Whether the stock is at or below the reorder level. */
export const isLow = (item: InventoryItem): boolean => item.quantity <= item.reorderLevel;

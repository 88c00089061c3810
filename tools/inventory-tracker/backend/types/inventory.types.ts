/** A decimal number as text, such as `"12.50"`: money never passes through floating point. */
export type Decimal = string;

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface InventoryItem {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly location: string;
  readonly quantity: number;
  readonly reorderLevel: number;
  readonly price: Decimal;
  readonly attributes: Attributes;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Fields that an edit replaces. Stock is not among them: only movements change it. */
export interface ItemEdit {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly location: string;
  readonly reorderLevel: number;
  readonly price: Decimal;
  readonly attributes: Attributes;
}

export interface NewItem extends ItemEdit {
  /** Opening stock. */
  readonly quantity: number;
}

export type MovementKind = 'receipt' | 'issue' | 'correction';

/** A request to move stock: `change` pieces in (positive) or out (negative). */
export interface Movement {
  readonly change: number;
  readonly kind: MovementKind;
  readonly reason: string;
}

export interface InventoryTransaction extends Movement {
  readonly id: string;
  readonly itemId: string;
  readonly movementNo: number;
  readonly quantityAfter: number;
  readonly actor: string;
  readonly createdAt: Date;
}

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

export interface ItemQuery extends PageRequest {
  /** Substring of the name or the SKU; empty matches all. */
  readonly q: string;
  /** Only items at or below their reorder level. */
  readonly lowStock: boolean;
  readonly sort: 'name' | 'sku' | 'quantity' | 'price' | 'updatedAt';
  readonly order: 'asc' | 'desc';
}

/** `total` counts all matching rows, not only this page. */
export interface Page<T> extends PageRequest {
  readonly data: readonly T[];
  readonly total: number;
}

import type { FormControl } from '@angular/forms';
import type { Attributes } from '../types/inventory.types';

/** Form controls of one custom attribute. */
export interface AttributeRow {
  readonly name: FormControl<string>;
  readonly value: FormControl<string>;
}

interface RowValue {
  readonly name: string;
  readonly value: string;
}

export function rowsOf(attributes: Attributes): readonly RowValue[] {
  return Object.entries(attributes).map(([name, value]) => ({ name, value: String(value) }));
}

/**
 * Attributes from the form rows. A value keeps its previous type where its text allows it, so that saving an
 * unchanged form changes nothing; new values are text. Rows without a name are omitted.
 */
export function attributesOf(rows: readonly RowValue[], before: Attributes): Attributes {
  const named = rows.map((row) => ({ ...row, name: row.name.trim() })).filter((row) => row.name !== '');
  return Object.fromEntries(named.map(({ name, value }) => [name, typedLike(before[name], value)]));
}

function typedLike(before: Attributes[string] | undefined, text: string): Attributes[string] {
  if (typeof before === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (typeof before === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

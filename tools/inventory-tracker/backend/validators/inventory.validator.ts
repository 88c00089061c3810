import { Ajv } from 'ajv';
import type { ItemEdit, ItemQuery, Movement, NewItem, PageRequest } from '../types/inventory.types.ts';
import { invalid, parse } from './parse.ts';

// PostgreSQL's text cannot hold U+0000.
const TEXT = '^[^\\u0000]*$';
const MAX_PIECES = 1_000_000_000;

const pieces = { type: 'integer', minimum: 0, maximum: MAX_PIECES, default: 0 };

const editable = {
  sku: { type: 'string', maxLength: 40, pattern: '^[A-Z0-9]+(-[A-Z0-9]+)*$' },
  name: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$' },
  description: { type: 'string', maxLength: 2000, pattern: TEXT, default: '' },
  location: { type: 'string', maxLength: 200, pattern: TEXT, default: '' },
  reorderLevel: pieces,
  // Text, so that no price passes through floating point; the column is numeric(12, 2).
  price: { type: 'string', pattern: '^(0|[1-9][0-9]{0,9})(\\.[0-9]{1,2})?$', default: '0.00' },
  attributes: {
    type: 'object',
    maxProperties: 50,
    propertyNames: { type: 'string', minLength: 1, maxLength: 60, pattern: TEXT },
    additionalProperties: { type: ['string', 'number', 'boolean'], maxLength: 500, pattern: TEXT },
    default: {},
  },
};

const paging = {
  limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  offset: { type: 'integer', minimum: 0, maximum: MAX_PIECES, default: 0 },
};

const closedObject = (properties: object, required: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

const bodies = new Ajv({ allErrors: true, useDefaults: true, allowUnionTypes: true, strictTypes: false });
const queries = new Ajv({ allErrors: true, useDefaults: true, coerceTypes: true });

const newItem = bodies.compile<NewItem>(closedObject({ ...editable, quantity: pieces }, ['sku', 'name']));
const itemEdit = bodies.compile<ItemEdit>(closedObject(editable, ['sku', 'name']));
const movement = bodies.compile<Omit<Movement, 'kind'> & Partial<Pick<Movement, 'kind'>>>(
  closedObject(
    {
      change: { type: 'integer', minimum: -MAX_PIECES, maximum: MAX_PIECES },
      kind: { type: 'string', enum: ['receipt', 'issue', 'correction'] },
      reason: { type: 'string', maxLength: 500, pattern: TEXT, default: '' },
    },
    ['change'],
  ),
);
const page = queries.compile<PageRequest>(closedObject(paging));
const itemQuery = queries.compile<ItemQuery>(
  closedObject({
    ...paging,
    q: { type: 'string', maxLength: 200, pattern: TEXT, default: '' },
    lowStock: { type: 'boolean', default: false },
    sort: { type: 'string', enum: ['name', 'sku', 'quantity', 'price', 'updatedAt'], default: 'name' },
    order: { type: 'string', enum: ['asc', 'desc'], default: 'asc' },
  }),
);

/** @throws HttpProblem 422 listing every problem of the body, as do the functions below. */
export const parseNewItem = (body: unknown): NewItem => parse(newItem, body);

/** An omitted optional field is reset to its default, because PUT replaces. */
export const parseItemEdit = (body: unknown): ItemEdit => parse(itemEdit, body);

export const parseItemQuery = (query: unknown): ItemQuery => parse(itemQuery, query);

export const parsePage = (query: unknown): PageRequest => parse(page, query);

/** Without a `kind`, an increase is a receipt and a decrease is an issue. */
export function parseMovement(body: unknown): Movement {
  const { change, reason, kind = change > 0 ? 'receipt' : 'issue' } = parse(movement, body);
  if (change === 0) throw invalid([{ pointer: '/change', message: 'must not be 0' }]);
  const fits = kind === 'correction' || (kind === 'receipt') === change > 0;
  if (!fits)
    throw invalid([
      {
        pointer: '/kind',
        message: `"${kind}" does not go with a change of ${change}: a receipt adds, an issue takes`,
      },
    ]);
  return { change, kind, reason };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether `text` is a well-formed item id; no other text can identify an item. */
export const isItemId = (text: string): boolean => UUID.test(text);

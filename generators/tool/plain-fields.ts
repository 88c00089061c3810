import { camelCase } from '../../templating/names.ts';
import type { FieldAnswer } from './answers.ts';
import { FIELD_TYPES, type FieldTypeName } from './field-types.ts';

/** What people call the types of fields; the names of the types are understood as well. */
const PLAIN_TYPES: Readonly<Record<string, FieldTypeName>> = {
  'short text': 'string',
  'long text': 'text',
  number: 'numeric',
  amount: 'numeric',
  'whole number': 'integer',
  'yes/no': 'boolean',
  day: 'date',
  time: 'datetime',
  'date and time': 'datetime',
  id: 'uuid',
};

/** An example that names the usual types. */
export const PLAIN_EXAMPLE =
  'title (required), notes (long text), price (number), due on (date), done (yes/no)';

/** A part of the text that names no field. */
export class PlainFieldError extends Error {
  override readonly name = 'PlainFieldError';
}

/**
 * Reads fields in plain words: `title (required), due on (date), done (yes/no)`. Words in brackets are the type, by
 * default short text, and `required` or `unique`.
 * @throws PlainFieldError naming the part and what is understood
 */
export function parsePlainFields(text: string): readonly FieldAnswer[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(fieldOf);
}

function fieldOf(part: string): FieldAnswer {
  const [, words = '', details = ''] = /^([\p{L}\p{N} _-]+?)\s*(?:\(([^()]*)\))?$/u.exec(part) ?? [];
  const name = camelCase(words);
  if (name === '')
    throw new PlainFieldError(`${JSON.stringify(part)} is no field. Write them as: ${PLAIN_EXAMPLE}`);
  const options = new Set(details.match(/\b(?:required|unique)\b/g));
  const type = details
    .replace(/\b(?:required|unique)\b/g, '')
    .replace(/[\s,]+/g, ' ')
    .trim()
    .toLowerCase();
  return {
    name,
    type: typeOf(type, part),
    ...(options.has('required') ? { required: true } : {}),
    ...(options.has('unique') ? { unique: true } : {}),
  };
}

function typeOf(type: string, part: string): FieldTypeName {
  if (type === '') return 'string';
  const known = PLAIN_TYPES[type] ?? (Object.hasOwn(FIELD_TYPES, type) ? (type as FieldTypeName) : undefined);
  if (known !== undefined) return known;
  throw new PlainFieldError(
    `${JSON.stringify(type)} in ${JSON.stringify(part)} is not known. Types are ${[
      ...Object.keys(PLAIN_TYPES),
      ...Object.keys(FIELD_TYPES),
    ].join(', ')}`,
  );
}

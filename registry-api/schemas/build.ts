import type { Schema } from '../http/operation.ts';

/** A reference to a component of the document. */
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

export const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

/** An object with exactly these fields, all required unless listed as optional. */
export function object(
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', additionalProperties: false, required, properties };
}

/** The page that wraps every list of the API. */
export const page = (of: string, more: Readonly<Record<string, Schema>> = {}): Schema =>
  object(
    {
      data: { type: 'array', items: ref(of) },
      nextCursor: nullable({ type: 'string' }),
      total: { type: 'integer', minimum: 0 },
      ...more,
    },
    Object.keys(more),
  );

import type { Schema } from '../http/operation.ts';

/** A reference to a component of the document. */
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

export const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

/** An object that has exactly these fields, all of them unless listed as optional. */
export function object(
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', additionalProperties: false, required, properties };
}

/** A list of components, as every list of the API is wrapped. */
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

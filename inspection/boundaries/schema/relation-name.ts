/** `schema.name`; the schema `public` is left out, so that code with and without it names the same table. */
export const relationName = (schema: string | null, name: string): string =>
  schema === null || schema === 'public' ? name : `${schema}.${name}`;

import type { Schema, SchemaLink } from '../types.ts';

/** Adds what a database has to the schema of the source. Places in the source are kept. */
export function withDatabase(source: Schema, database: Schema | null): Schema {
  if (database === null) return source;
  const keyOf = ({ kind, name, from, to }: SchemaLink): string => JSON.stringify([kind, name, from, to]);
  return {
    relations: new Map([...database.relations, ...source.relations]),
    links: [...new Map([...database.links, ...source.links].map((link) => [keyOf(link), link])).values()],
    functions: new Map([...source.functions, ...database.functions]),
  };
}

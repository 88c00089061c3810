import type { Node } from 'ts-morph';
import type { TextPart } from '../source/evaluate.ts';
import type { SqlText } from './find-sql.ts';
import { fillHoles, HOLE_NAME } from './fill-holes.ts';
import { readTables, type TableUse } from './read-tables.ts';

const CATALOGS = new Set(['pg_catalog', 'information_schema', 'pg_temp']);

/** `null` when PostgreSQL cannot parse the text. */
export function tablesOf({ parts, choices }: SqlText): readonly TableUse[] | null {
  const chosen = choices.map(tablesOfParts);
  if (chosen.length > 0 && chosen.every((tables) => tables !== null)) return chosen.flat();
  const whole = tablesOfParts(parts);
  return whole === null ? null : [...whole, ...chosen.flatMap((tables) => tables ?? [])];
}

export function tablesOfParts(parts: readonly TextPart[]): readonly TableUse[] | null {
  for (const sql of fillHoles(parts))
    for (const wrapped of [
      sql,
      `SELECT 1 FROM ${HOLE_PLACE} ${sql}`,
      `SELECT 1 ${sql}`,
      `SELECT 1 WHERE TRUE ${sql}`,
    ])
      try {
        return readTables(wrapped).filter(({ name }) => name !== HOLE_PLACE);
      } catch {
        // try the next wrapping
      }
  return null;
}

/** Placeholder for the table to which a fragment (`JOIN x ON ...`) is appended. */
const HOLE_PLACE = 'fragment_of';

export const isCatalog = ({ schema, name }: TableUse): boolean =>
  schema === null ? name.startsWith('pg_') : CATALOGS.has(schema);

/** Whether a variable holds the name of the table, or part of it. */
export const isComputed = ({ schema, name }: TableUse): boolean =>
  name.includes(HOLE_NAME) || (schema?.includes(HOLE_NAME) ?? false);

/** A method named `query` may receive text other than SQL. */
const BEGINS_AS_SQL =
  /^\s*(select|insert|update|delete|with|merge|truncate|copy|lock|create|alter|drop|table|do)(?=[\s(*]|$)/i;

export const beginsAsSql = ({ parts }: SqlText): boolean => {
  const [first = ''] = parts;
  return BEGINS_AS_SQL.test(typeof first === 'string' ? first : 'select');
};

/** Line of the first occurrence of the name as a word in a node's text. */
export function lineOfName(node: Node, name: string): number | null {
  const line = lineIn(node.getText(), name);
  return line === null ? null : node.getStartLineNumber() + line - 1;
}

/** Line of the first occurrence of the name as a word in a text; 1-based. */
export function lineIn(text: string, name: string): number | null {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const at = new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`, 'i').exec(text)?.index;
  return at === undefined ? null : text.slice(0, at).split('\n').length;
}

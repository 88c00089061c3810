import type { Key } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';

/** `from` needs `to`. Columns are 0 for the whole object. */
export interface Dependency {
  readonly from: Key;
  readonly fromColumn: number;
  readonly to: Key;
  readonly toColumn: number;
  readonly kind: string;
}

/** Kind of the dependency of a function in C on the extension that its library comes with. */
export const LIBRARY = 'library';

// From PostgreSQL 14 on, objects that initdb creates have no rows here, except those of plpgsql and information_schema.
const DEPENDENCIES = `
SELECT classid::regclass::text || ':' || objid AS from, objsubid AS "fromColumn",
  refclassid::regclass::text || ':' || refobjid AS to, refobjsubid AS "toColumn", deptype AS kind
FROM pg_depend WHERE objid >= 16384 AND deptype <> 'e'`;

const COMMENTS = `
SELECT classoid::regclass::text || ':' || objoid || CASE WHEN objsubid <> 0 THEN ':' || objsubid ELSE '' END AS key, description
FROM pg_description WHERE objoid >= 16384`;

export const readDependencies = (session: Session): Promise<Dependency[]> => rowsOf(session, DEPENDENCIES);

export async function readComments(session: Session): Promise<Record<string, string>> {
  const rows = await rowsOf<{ key: string; description: string }>(session, COMMENTS);
  return Object.fromEntries(rows.map((row) => [row.key, row.description]));
}

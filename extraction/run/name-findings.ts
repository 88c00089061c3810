import type { Finding } from '../../contracts/plan.ts';
import type { Key } from '../catalog/catalog.ts';
import type { NameColumn, NamesInRows } from '../plan/data/name-columns.ts';
import { finding } from '../plan/findings.ts';
import { rowsOf, type Session } from './session.ts';

interface LostName {
  readonly oid: string;
  readonly name: string;
}

/** Names in a column whose objects the target will not have when the rows are copied. */
async function readLostNames(
  session: Session,
  { arrives }: Pick<NamesInRows, 'arrives'>,
  { value, from, type }: NameColumn,
): Promise<LostName[]> {
  const named = await rowsOf<LostName>(
    session,
    `SELECT DISTINCT (${value})::pg_catalog.oid::text AS oid, (${value})::text AS name FROM ${from}
     WHERE (${value})::pg_catalog.oid <> 0 ORDER BY 2`,
  );
  return named.filter(({ oid, name }) => !arrives(type, oid, name));
}

const isDangling = ({ oid, name }: LostName): boolean => oid === name;

/** Objects that rows name and that can be created before the rows, although nothing else needs them there. */
export async function readObjectsNamedByRows(session: Session, names: NamesInRows): Promise<Key[]> {
  const keys = new Set<Key>();
  for (const column of names.columns) {
    for (const lost of await readLostNames(session, names, column)) {
      const key = isDangling(lost) ? null : names.extractable(column.type, lost.oid);
      if (key !== null) keys.add(key);
    }
  }
  return [...keys].sort();
}

/** Refuses values that could not be read in the target, or that as a bare number would mean another object there. */
export async function readNameFindings(
  session: Session,
  names: NamesInRows,
  column: NameColumn,
): Promise<Finding[]> {
  const { object, type } = column;
  const lost = (await readLostNames(session, names, column)).map((item) =>
    isDangling(item) ? `${item.oid} (an object that no longer exists)` : item.name,
  );
  if (lost.length === 0) return [];
  const more = lost.length > 5 ? ` and ${lost.length - 5} more` : '';
  return [
    finding({
      severity: 'error',
      code: 'value-names-missing-object',
      object,
      message: `${object} holds names of objects that the target will not have when the rows are copied: ${lost.slice(0, 5).join(', ')}${more}`,
      remedy:
        type === 'regrole'
          ? 'Create the roles in the target, or change these values.'
          : 'Extract these tables too, change the values, or give the column the type text, which keeps the names.',
    }),
  ];
}

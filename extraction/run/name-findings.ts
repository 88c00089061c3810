import type { Finding } from '../../contracts/plan.ts';
import type { NameColumn, NamesInRows } from '../plan/data/name-columns.ts';
import { finding } from '../plan/findings.ts';
import { rowsOf, type Session } from './session.ts';

/**
 * Values that name an object which the target will not have when they are copied: they could not be read there, or as a bare number would mean
 * another object.
 */
export async function readNameFindings(
  session: Session,
  { arrives }: Pick<NamesInRows, 'arrives'>,
  column: NameColumn,
): Promise<Finding[]> {
  const { object, value, from, type } = column;
  const named = await rowsOf<{ oid: string; name: string }>(
    session,
    `SELECT DISTINCT (${value})::pg_catalog.oid::text AS oid, (${value})::text AS name FROM ${from}
     WHERE (${value})::pg_catalog.oid <> 0 ORDER BY 2`,
  );
  const lost = named.filter(({ oid, name }) => !arrives(type, oid, name)).map(describe);
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
          : 'Extract these objects too, change these values, or give the column the type text, which keeps the names.',
    }),
  ];
}

const describe = ({ oid, name }: { readonly oid: string; readonly name: string }): string =>
  oid === name ? `${oid} (an object that no longer exists)` : name;

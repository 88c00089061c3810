import type { SequenceObject } from '../../catalog/catalog.ts';
import { addIdentity } from '../ddl/sequences.ts';
import type { PlanInput } from '../input.ts';
import type { Statement } from '../plan.ts';
import { statement } from '../statement.ts';

/** Identity columns, and the sequences that columns own. */
export function attachSequences(input: PlanInput): Statement[] {
  return input.catalog.sequences.flatMap((sequence) => attach(input, sequence));
}

function attach({ graph, selection }: PlanInput, sequence: SequenceObject): Statement[] {
  const { name, ownedBy, persistence } = sequence;
  const table = graph.relations.get(ownedBy?.table ?? '');
  if (ownedBy === null || table === undefined || !selection.oids.has(table.oid)) return [];
  const column = table.columns.find((item) => item.number === ownedBy.columnNumber);
  if (!ownedBy.identity || column === undefined)
    return [statement(`OWNED ${name}`, `ALTER SEQUENCE ${name} OWNED BY ${table.name}.${ownedBy.column}`)];
  const logged = persistence === 'u' ? 'UNLOGGED' : 'LOGGED';
  return [
    statement(`IDENTITY ${name}`, addIdentity(table.name, column, sequence)),
    ...(persistence === table.persistence
      ? []
      : [statement(`SEQUENCE ${name}`, `ALTER SEQUENCE ${name} SET ${logged}`)]),
  ];
}

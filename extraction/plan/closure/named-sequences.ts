import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, Key, SequenceObject } from '../../catalog/catalog.ts';
import { finding } from '../findings.ts';
import { relationKey } from './graph.ts';
import type { Selection } from './selection.ts';

export interface NamedSequences {
  /** Sequences that are included although no dependency on them is recorded. */
  readonly keys: readonly Key[];
  readonly findings: readonly Finding[];
}

/**
 * Sequences that belong to a table by name only: `statuses_id_seq`, used by a function as
 * `nextval(table_name || '_id_seq')`, or by the application. Those of a function are included, because inserts fail
 * without them; the others are reported.
 */
export function findNamedSequences(
  catalog: Catalog,
  selection: Selection,
  included: ReadonlySet<Key>,
): NamedSequences {
  const named = catalog.sequences.filter(
    (sequence) =>
      sequence.ownedBy === null &&
      !included.has(relationKey(sequence.oid)) &&
      catalog.members[relationKey(sequence.oid)] === undefined &&
      selection.tables.some((table) => isNamedAfter(sequence, table.rawName)),
  );
  const computing = catalog.functions.find(
    (fn) => fn.body.computesSequence && included.has(`pg_proc:${fn.oid}`),
  );
  return {
    keys: computing === undefined ? [] : named.map((sequence) => relationKey(sequence.oid)),
    findings: named.map((sequence) =>
      computing === undefined
        ? finding({
            severity: 'warning',
            code: 'sequence-left-behind',
            object: sequence.name,
            message: `Sequence ${sequence.name} is named after a selected table, but no object of the database uses it: it is not extracted`,
            remedy: 'Create it in the target if the application uses it.',
          })
        : finding({
            severity: 'info',
            code: 'sequence-by-name',
            object: sequence.name,
            message: `${computing.identity} builds names of sequences at run time: ${sequence.name} is included`,
          }),
    ),
  };
}

const isNamedAfter = (sequence: SequenceObject, table: string): boolean =>
  sequence.rawName.startsWith(`${table}_`) && /_seq\d*$|_sequence$/.test(sequence.rawName);

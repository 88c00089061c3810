import type { Finding } from '../../../contracts/plan.ts';
import type { Catalog, Key, SequenceObject } from '../../catalog/catalog.ts';
import { finding } from '../findings.ts';
import { relationKey } from './graph.ts';
import type { Selection } from './selection.ts';

export interface NamedSequences {
  /** Those that come along though nothing names them. */
  readonly keys: readonly Key[];
  readonly findings: readonly Finding[];
}

/**
 * Sequences that only their name ties to a table: `statuses_id_seq`, used by a function as
 * `nextval(table_name || '_id_seq')`, or by the application alone. The first kind comes along, because rows could not
 * be inserted without it; the second is named.
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
            message: `Sequence ${sequence.name} is named after a table that moves, and nothing in the database says who uses it: it stays behind`,
            remedy: 'Create it in the target if the application takes numbers from it.',
          })
        : finding({
            severity: 'info',
            code: 'sequence-by-name',
            object: sequence.name,
            message: `${computing.identity} puts names of sequences together at run time: ${sequence.name} comes along`,
          }),
    ),
  };
}

const isNamedAfter = (sequence: SequenceObject, table: string): boolean =>
  sequence.rawName.startsWith(`${table}_`) && /_seq\d*$|_sequence$/.test(sequence.rawName);

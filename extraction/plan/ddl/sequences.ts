import type { SequenceObject } from '../../catalog/catalog.ts';

function options(sequence: SequenceObject): string {
  return [
    `START WITH ${sequence.start}`,
    `INCREMENT BY ${sequence.increment}`,
    `MINVALUE ${sequence.min}`,
    `MAXVALUE ${sequence.max}`,
    `CACHE ${sequence.cache}`,
    sequence.cycle ? 'CYCLE' : 'NO CYCLE',
  ].join(' ');
}

export function createSequence(sequence: SequenceObject): string {
  const unlogged = sequence.persistence === 'u' ? 'UNLOGGED ' : '';
  return `CREATE ${unlogged}SEQUENCE ${sequence.name} AS ${sequence.type} ${options(sequence)}`;
}

/** The sequence of an identity column is created with the column, under its existing name. */
export function addIdentity(
  table: string,
  column: { name: string; identity: string },
  sequence: SequenceObject,
): string {
  const kind = column.identity === 'a' ? 'ALWAYS' : 'BY DEFAULT';
  return `ALTER TABLE ${table} ALTER COLUMN ${column.name} ADD GENERATED ${kind} AS IDENTITY (SEQUENCE NAME ${sequence.name} ${options(sequence)})`;
}

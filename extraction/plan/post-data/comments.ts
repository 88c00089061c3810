import type { Column, Constraint, Relation } from '../../catalog/catalog.ts';
import { nameOf, type Assembly } from '../assembly.ts';
import { relationKey } from '../closure/graph.ts';
import type { CreateStatement } from '../create-statements.ts';
import { literal } from '../ddl/literal.ts';
import type { Statement } from '../plan.ts';
import { statement } from '../statement.ts';

/** Key of a comment in the catalog, and the address that carries it. */
type Commented = readonly [key: string, address: string];

/** Comments of the source, with a note on every column that loses its foreign key. */
export const setComments = (assembly: Assembly): Statement[] => [
  ...assembly.newSchemas.flatMap(({ oid, name }) =>
    copied(assembly, [[`pg_namespace:${oid}`, `SCHEMA ${name}`]]),
  ),
  ...[...assembly.objects.values()].flatMap((item) => copied(assembly, onObject(assembly, item))),
  ...copied(assembly, onIdentitySequences(assembly)),
  ...assembly.selection.tables.flatMap((table) => onTable(assembly, table)),
  ...copied(assembly, onPartsOfTables(assembly)),
  ...copied(assembly, onExtensions(assembly)),
];

const comment = (address: string, text: string): Statement =>
  statement(`COMMENT ${address}`, `COMMENT ON ${address} IS ${literal(text)}`);

const copied = ({ catalog }: Assembly, commented: readonly Commented[]): Statement[] =>
  commented.flatMap(([key, address]) => {
    const text = catalog.comments[key];
    return text === undefined ? [] : [comment(address, text)];
  });

function onObject({ catalog }: Assembly, { key, address, columns, object }: CreateStatement): Commented[] {
  const type = catalog.types.find(({ oid }) => `pg_type:${oid}` === key);
  const columnsOf = type?.kind === 'c' ? relationKey(type.relation ?? '') : key;
  const checks = catalog.constraints.filter(({ domain }) => domain !== null && `pg_type:${domain}` === key);
  return [
    [key, address],
    ...columns.map(({ number, name }): Commented => [
      `${columnsOf}:${number}`,
      `COLUMN ${object.name}.${name}`,
    ]),
    ...checks.map(({ oid, name }): Commented => [
      `pg_constraint:${oid}`,
      `CONSTRAINT ${name} ON DOMAIN ${object.name}`,
    ]),
  ];
}

const onIdentitySequences = ({ catalog, selection }: Assembly): Commented[] =>
  catalog.sequences
    .filter(({ ownedBy }) => ownedBy?.identity === true && selection.oids.has(ownedBy.table))
    .map(({ oid, name }) => [relationKey(oid), `SEQUENCE ${name}`]);

function onTable(assembly: Assembly, table: Relation): Statement[] {
  const key = relationKey(table.oid);
  return [
    ...copied(assembly, [[key, `TABLE ${table.name}`]]),
    ...table.columns.flatMap((column) => {
      const address = `COLUMN ${table.name}.${column.name}`;
      const text = assembly.catalog.comments[`${key}:${column.number}`];
      const lines = [...(text === undefined ? [] : [text]), ...lostReferences(assembly, table, column)];
      return lines.length === 0 ? [] : [comment(address, lines.join('\n'))];
    }),
  ];
}

function lostReferences(assembly: Assembly, table: Relation, { number }: Column): string[] {
  const { lostKeys } = assembly.boundary;
  // the key of a partition that follows from its parent's is noted at the parent
  const isInherited = (key: Constraint): boolean => lostKeys.some((parent) => parent.oid === key.parent);
  return lostKeys
    .filter((key) => !isInherited(key) && key.table === table.oid && key.columnNumbers.includes(number))
    .map(
      ({ refersTo, name, definition }) =>
        `Referred to ${nameOf(assembly, refersTo)} by ${name} before this table moved: ${definition}`,
    );
}

function onPartsOfTables(assembly: Assembly): Commented[] {
  const { constraints, indexes, policies, rules, statistics, triggers } = assembly.kept;
  const on = (oid: string | null): string => `ON ${nameOf(assembly, oid)}`;
  return [
    ...indexes.map(({ oid, name }): Commented => [relationKey(oid), `INDEX ${name}`]),
    ...constraints
      .filter(({ table }) => table !== null)
      .map(({ oid, name, table }): Commented => [`pg_constraint:${oid}`, `CONSTRAINT ${name} ${on(table)}`]),
    ...triggers
      .filter(({ parent }) => parent === null)
      .map(({ oid, name, table }): Commented => [`pg_trigger:${oid}`, `TRIGGER ${name} ${on(table)}`]),
    ...rules.map(({ oid, name, relation }): Commented => [
      `pg_rewrite:${oid}`,
      `RULE ${name} ${on(relation)}`,
    ]),
    ...policies.map(({ oid, name, table }): Commented => [`pg_policy:${oid}`, `POLICY ${name} ${on(table)}`]),
    ...statistics.map(({ oid, name }): Commented => [`pg_statistic_ext:${oid}`, `STATISTICS ${name}`]),
  ];
}

const onExtensions = ({ catalog, extensions, target }: Assembly): Commented[] =>
  catalog.extensions
    .filter(({ oid, rawName }) => extensions.has(oid) && target.installed[rawName] === undefined)
    .map(({ oid, name }) => [`pg_extension:${oid}`, `EXTENSION ${name}`]);

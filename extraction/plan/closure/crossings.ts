import type { Finding } from '../../../contracts/plan.ts';
import type { Constraint, Key, Oid, Relation, Trigger } from '../../catalog/catalog.ts';
import { findIn, type FindingRow } from '../findings.ts';
import { relationKey } from './graph.ts';
import { isIncoming, isOutgoing, isStored, viewsOver, type Line } from './line.ts';

/** Everything that crosses the line: refused, severed or left out, each with its name. */
export const crossingFindings = (
  line: Line,
  { severIncoming }: { readonly severIncoming: boolean },
): Finding[] => [
  ...findIn(line.catalog.constraints, foreignKeys(line, severIncoming)),
  ...findIn(line.catalog.triggers, triggers(line)),
  ...PARTS.flatMap(({ of, ...kind }) => findIn(of(line), part(kind))),
  ...findIn(partsOfColumns(line), COLUMN),
  ...findIn(viewsOver(line), views(line)),
];

function foreignKeys(line: Line, severIncoming: boolean): FindingRow<Constraint>[] {
  const nameOf = ({ name, table }: Constraint): string => `${name} ON ${line.nameOf(table)}`;
  const parentTable = ({ parent }: Constraint): Oid | null =>
    line.catalog.constraints.find((item) => item.oid === parent)?.table ?? null;
  // a key of a partition that follows from its parent's is reported at the parent
  const isInherited = (key: Constraint): boolean =>
    key.parent !== null && line.isInside(parentTable(key)) === line.isInside(key.table);
  const to = ({ refersTo }: Constraint): string => line.nameOf(refersTo);
  const from = ({ table }: Constraint): string => line.nameOf(table);
  return [
    {
      code: 'foreign-key-outgoing',
      severity: 'warning',
      when: (key) => isOutgoing(line, key) && !isInherited(key),
      object: nameOf,
      message: (key) =>
        `Foreign key ${nameOf(key)} refers to ${to(key)}, which stays behind: the constraint goes; its columns and indexes stay, and a comment on the columns names the lost reference`,
      remedy: (key) => `Let the service check ${to(key)} by its API.`,
    },
    {
      code: 'foreign-key-incoming',
      severity: 'warning',
      when: (key) => severIncoming && isIncoming(line, key) && !isInherited(key),
      object: nameOf,
      message: (key) =>
        `Foreign key ${nameOf(key)} refers to ${to(key)}, which moves: it goes on pointing at the table in the source`,
      remedy: () => 'Drop it in the source when the table there is retired.',
    },
    {
      code: 'foreign-key-incoming',
      severity: 'error',
      when: (key) => !severIncoming && isIncoming(line, key) && !isInherited(key),
      object: nameOf,
      message: (key) =>
        `Foreign key ${nameOf(key)} refers to ${to(key)}, which moves: rows of ${from(key)} would refer to a table in another database`,
      remedy: (key) => `Move ${from(key)} too, or accept the loss with --sever-incoming.`,
    },
  ];
}

function triggers(line: Line): FindingRow<Trigger>[] {
  const touched = ({ oid }: Trigger): string[] => line.outsideOf(`pg_trigger:${oid}`);
  const nameOf = ({ name, table }: Trigger): string => `${name} ON ${line.nameOf(table)}`;
  return [
    {
      code: 'trigger-crosses',
      severity: 'warning',
      when: (trigger) =>
        trigger.parent === null && line.isInside(trigger.table) && touched(trigger).length > 0,
      object: nameOf,
      message: (trigger) =>
        `Trigger ${nameOf(trigger)} touches ${touched(trigger).join(', ')} through its function, which stays behind: the trigger is left out`,
      remedy: () => 'Let the service do what the trigger did, or move those tables too.',
    },
  ];
}

/** A part of one table, with the tables that it touches on the other side of the line. */
interface Part {
  readonly object: string;
  readonly isInside: boolean;
  readonly touched: readonly string[];
}

interface PartKind {
  readonly word: string;
  readonly code: string;
}

/** The parts of tables that can read other tables, with the name of each in its finding. */
const PARTS: readonly (PartKind & { readonly of: (line: Line) => Part[] })[] = [
  {
    word: 'Policy',
    code: 'policy-crosses',
    of: (line) =>
      line.catalog.policies.flatMap(({ oid, name, table }) =>
        partOf(line, table, { key: `pg_policy:${oid}`, object: `${name} ON ${line.nameOf(table)}` }),
      ),
  },
  {
    word: 'Rule',
    code: 'rule-crosses',
    of: (line) =>
      line.catalog.rules
        .filter((rule) => !rule.isReturn)
        .flatMap(({ oid, name, relation }) =>
          partOf(line, relation, { key: `pg_rewrite:${oid}`, object: `${name} ON ${line.nameOf(relation)}` }),
        ),
  },
  {
    word: 'Constraint',
    code: 'constraint-crosses',
    of: (line) =>
      line.catalog.constraints
        .filter((constraint) => constraint.kind !== 'f')
        .flatMap(({ oid, name, table }) =>
          partOf(line, table, { key: `pg_constraint:${oid}`, object: `${name} ON ${line.nameOf(table)}` }),
        ),
  },
  {
    word: 'Index',
    code: 'index-crosses',
    of: (line) =>
      line.catalog.indexes.flatMap(({ oid, name, table }) =>
        partOf(line, table, { key: relationKey(oid), object: name }),
      ),
  },
  {
    word: 'Statistics',
    code: 'statistics-crosses',
    of: (line) =>
      line.catalog.statistics.flatMap(({ oid, name, table }) =>
        partOf(line, table, { key: `pg_statistic_ext:${oid}`, object: name }),
      ),
  },
];

function partOf(line: Line, table: Oid | null, { key, object }: { key: Key; object: string }): Part[] {
  if (table === null || !line.graph.relations.has(table)) return [];
  if (line.isInside(table)) return [{ object, isInside: true, touched: line.outsideOf(key) }];
  // an object on a view is reported with the view
  return isStored(line, table) ? [{ object, isInside: false, touched: line.insideOf(key) }] : [];
}

const part = ({ word, code }: PartKind): FindingRow<Part>[] => [
  {
    code: `${code}-inward`,
    severity: 'warning',
    when: ({ isInside, touched }) => !isInside && touched.length > 0,
    object: ({ object }) => object,
    message: ({ object, touched }) =>
      `${word} ${object} stays behind and goes on reading ${touched.join(', ')} in the source`,
    remedy: () => 'Change it before the tables there are retired.',
  },
  {
    code,
    severity: 'error',
    when: ({ isInside, touched }) => isInside && touched.length > 0,
    object: ({ object }) => object,
    message: ({ object, touched }) =>
      `${word} ${object} reads ${touched.join(', ')}, which stays behind: without it the table would mean something else`,
    remedy: ({ touched }) => `Move ${touched.join(', ')} too, or take it off the table.`,
  },
];

/** The expression of a column, or the row types that a table needs, with the tables outside that it touches. */
interface ColumnPart {
  readonly kind: 'default' | 'generated' | 'types';
  readonly object: string;
  readonly touched: readonly string[];
}

const partsOfColumns = (line: Line): ColumnPart[] =>
  line.tables.flatMap((table) => [
    ...table.columns
      .filter((column) => column.expressionOid !== null)
      .map(({ name, generated, expressionOid }): ColumnPart => ({
        kind: generated === '' ? 'default' : 'generated',
        object: `${table.name}.${name}`,
        touched: line.outsideOf(`pg_attrdef:${expressionOid ?? ''}`),
      })),
    { kind: 'types', object: table.name, touched: foreignRowTypes(line, table) },
  ]);

/** Parents outside are reported with the selection. */
function foreignRowTypes(line: Line, table: Relation): string[] {
  const parents = table.parents.map((oid) => line.nameOf(oid));
  return line.outsideOf(relationKey(table.oid)).filter((name) => !parents.includes(name));
}

const COLUMN: readonly FindingRow<ColumnPart>[] = [
  {
    code: 'default-crosses',
    severity: 'error',
    when: ({ kind, touched }) => kind !== 'types' && touched.length > 0,
    object: ({ object }) => object,
    message: ({ kind, object, touched }) =>
      `${kind === 'default' ? 'The default' : 'The expression'} of ${object} reads ${touched.join(', ')}, which stays behind`,
    remedy: ({ touched }) => `Move ${touched.join(', ')} too, or change the default.`,
  },
  {
    code: 'type-crosses',
    severity: 'error',
    when: ({ kind, touched }) => kind === 'types' && touched.length > 0,
    object: ({ object }) => object,
    message: ({ object, touched }) =>
      `${object} has a column whose type is the row type of ${touched.join(', ')}, or needs it, which stays behind`,
    remedy: ({ touched }) => `Move ${touched.join(', ')} too.`,
  },
];

function views(line: Line): FindingRow<Relation>[] {
  const touched = ({ oid }: Relation): string[] => line.outsideOf(relationKey(oid));
  return [
    {
      code: 'view-crosses',
      severity: 'warning',
      when: (view) => touched(view).length > 0,
      object: ({ name }) => name,
      message: (view) =>
        `${view.kind === 'm' ? 'Materialized view' : 'View'} ${view.name} reads tables on both sides (${touched(view).join(', ')} stays behind): it is left out`,
      remedy: () => "Make it anew over the service's API, or move those tables too.",
    },
  ];
}

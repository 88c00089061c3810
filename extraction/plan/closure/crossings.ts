import type { Finding } from '../../../contracts/plan.ts';
import type { Constraint, Key, Oid, Relation, Trigger } from '../../catalog/catalog.ts';
import { findIn, type FindingRow } from '../findings.ts';
import { relationKey } from './graph.ts';
import { isIncoming, isOutgoing, isStored, viewsOver, type Sides } from './sides.ts';

/** Every object that crosses the boundary: refused, severed or not extracted. */
export const crossingFindings = (
  sides: Sides,
  { severIncoming }: { readonly severIncoming: boolean },
): Finding[] => [
  ...findIn(sides.catalog.constraints, foreignKeys(sides, severIncoming)),
  ...findIn(sides.catalog.triggers, triggers(sides)),
  ...PARTS.flatMap(({ of, ...kind }) => findIn(of(sides), part(kind))),
  ...findIn(partsOfColumns(sides), COLUMN),
  ...findIn(viewsOver(sides), views(sides)),
];

function foreignKeys(sides: Sides, severIncoming: boolean): FindingRow<Constraint>[] {
  const nameOf = ({ name, table }: Constraint): string => `${name} ON ${sides.nameOf(table)}`;
  const parentTable = ({ parent }: Constraint): Oid | null =>
    sides.catalog.constraints.find((item) => item.oid === parent)?.table ?? null;
  // a key of a partition that follows from its parent's is reported at the parent
  const isInherited = (key: Constraint): boolean =>
    key.parent !== null && sides.isInside(parentTable(key)) === sides.isInside(key.table);
  const to = ({ refersTo }: Constraint): string => sides.nameOf(refersTo);
  const from = ({ table }: Constraint): string => sides.nameOf(table);
  return [
    {
      code: 'foreign-key-outgoing',
      severity: 'warning',
      when: (key) => isOutgoing(sides, key) && !isInherited(key),
      object: nameOf,
      message: (key) =>
        `Foreign key ${nameOf(key)} references ${to(key)}, outside the selection: the constraint is dropped, its columns and indexes are kept, and a comment on the columns names the lost reference`,
      remedy: (key) => `Check ${to(key)} in the service through the API.`,
    },
    {
      code: 'foreign-key-incoming',
      severity: 'warning',
      when: (key) => severIncoming && isIncoming(sides, key) && !isInherited(key),
      object: nameOf,
      message: (key) =>
        `Foreign key ${nameOf(key)} references ${to(key)}, which is extracted: it continues to reference the table in the source`,
      remedy: () => 'Drop it when you drop the table in the source.',
    },
    {
      code: 'foreign-key-incoming',
      severity: 'error',
      when: (key) => !severIncoming && isIncoming(sides, key) && !isInherited(key),
      object: nameOf,
      message: (key) =>
        `Foreign key ${nameOf(key)} references ${to(key)}, which is extracted: rows of ${from(key)} would reference a table in another database`,
      remedy: (key) => `Extract ${from(key)} too, or accept the loss with --sever-incoming.`,
    },
  ];
}

function triggers(sides: Sides): FindingRow<Trigger>[] {
  const touched = ({ oid }: Trigger): string[] => sides.outsideOf(`pg_trigger:${oid}`);
  const nameOf = ({ name, table }: Trigger): string => `${name} ON ${sides.nameOf(table)}`;
  return [
    {
      code: 'trigger-crosses',
      severity: 'warning',
      when: (trigger) =>
        trigger.parent === null && sides.isInside(trigger.table) && touched(trigger).length > 0,
      object: nameOf,
      message: (trigger) =>
        `Trigger ${nameOf(trigger)} uses ${touched(trigger).join(', ')}, outside the selection, through its function: the trigger is not extracted`,
      remedy: () => "Implement the trigger's work in the service, or extract those tables too.",
    },
  ];
}

/** A part of one table, with the tables that it uses on the other side of the boundary. */
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
const PARTS: readonly (PartKind & { readonly of: (sides: Sides) => Part[] })[] = [
  {
    word: 'Policy',
    code: 'policy-crosses',
    of: (sides) =>
      sides.catalog.policies.flatMap(({ oid, name, table }) =>
        partOf(sides, table, { key: `pg_policy:${oid}`, object: `${name} ON ${sides.nameOf(table)}` }),
      ),
  },
  {
    word: 'Rule',
    code: 'rule-crosses',
    of: (sides) =>
      sides.catalog.rules
        .filter((rule) => !rule.isReturn)
        .flatMap(({ oid, name, relation }) =>
          partOf(sides, relation, {
            key: `pg_rewrite:${oid}`,
            object: `${name} ON ${sides.nameOf(relation)}`,
          }),
        ),
  },
  {
    word: 'Constraint',
    code: 'constraint-crosses',
    of: (sides) =>
      sides.catalog.constraints
        .filter((constraint) => constraint.kind !== 'f')
        .flatMap(({ oid, name, table }) =>
          partOf(sides, table, { key: `pg_constraint:${oid}`, object: `${name} ON ${sides.nameOf(table)}` }),
        ),
  },
  {
    word: 'Index',
    code: 'index-crosses',
    of: (sides) =>
      sides.catalog.indexes.flatMap(({ oid, name, table }) =>
        partOf(sides, table, { key: relationKey(oid), object: name }),
      ),
  },
  {
    word: 'Statistics',
    code: 'statistics-crosses',
    of: (sides) =>
      sides.catalog.statistics.flatMap(({ oid, name, table }) =>
        partOf(sides, table, { key: `pg_statistic_ext:${oid}`, object: name }),
      ),
  },
];

function partOf(sides: Sides, table: Oid | null, { key, object }: { key: Key; object: string }): Part[] {
  if (table === null || !sides.graph.relations.has(table)) return [];
  if (sides.isInside(table)) return [{ object, isInside: true, touched: sides.outsideOf(key) }];
  // an object on a view is reported with the view
  return isStored(sides, table) ? [{ object, isInside: false, touched: sides.insideOf(key) }] : [];
}

const part = ({ word, code }: PartKind): FindingRow<Part>[] => [
  {
    code: `${code}-inward`,
    severity: 'warning',
    when: ({ isInside, touched }) => !isInside && touched.length > 0,
    object: ({ object }) => object,
    message: ({ object, touched }) =>
      `${word} ${object} is not extracted and continues to read ${touched.join(', ')} in the source`,
    remedy: () => 'Change it before you drop the tables in the source.',
  },
  {
    code,
    severity: 'error',
    when: ({ isInside, touched }) => isInside && touched.length > 0,
    object: ({ object }) => object,
    message: ({ object, touched }) =>
      `${word} ${object} reads ${touched.join(', ')}, outside the selection: the table would behave differently without it`,
    remedy: ({ touched }) => `Extract ${touched.join(', ')} too, or drop it from the table.`,
  },
];

/** The expression of a column, or the row types that a table needs, with the tables outside that it touches. */
interface ColumnPart {
  readonly kind: 'default' | 'generated' | 'types';
  readonly object: string;
  readonly touched: readonly string[];
}

const partsOfColumns = (sides: Sides): ColumnPart[] =>
  sides.tables.flatMap((table) => [
    ...table.columns
      .filter((column) => column.expressionOid !== null)
      .map(({ name, generated, expressionOid }): ColumnPart => ({
        kind: generated === '' ? 'default' : 'generated',
        object: `${table.name}.${name}`,
        touched: sides.outsideOf(`pg_attrdef:${expressionOid ?? ''}`),
      })),
    { kind: 'types', object: table.name, touched: foreignRowTypes(sides, table) },
  ]);

/** Row types of tables outside; parents outside are reported by the selection. */
function foreignRowTypes(sides: Sides, table: Relation): string[] {
  const parents = table.parents.map((oid) => sides.nameOf(oid));
  return sides.outsideOf(relationKey(table.oid)).filter((name) => !parents.includes(name));
}

const COLUMN: readonly FindingRow<ColumnPart>[] = [
  {
    code: 'default-crosses',
    severity: 'error',
    when: ({ kind, touched }) => kind !== 'types' && touched.length > 0,
    object: ({ object }) => object,
    message: ({ kind, object, touched }) =>
      `${kind === 'default' ? 'The default' : 'The expression'} of ${object} reads ${touched.join(', ')}, outside the selection`,
    remedy: ({ touched }) => `Extract ${touched.join(', ')} too, or change the default.`,
  },
  {
    code: 'type-crosses',
    severity: 'error',
    when: ({ kind, touched }) => kind === 'types' && touched.length > 0,
    object: ({ object }) => object,
    message: ({ object, touched }) =>
      `${object} has a column whose type needs the row type of ${touched.join(', ')}, outside the selection`,
    remedy: ({ touched }) => `Extract ${touched.join(', ')} too.`,
  },
];

function views(sides: Sides): FindingRow<Relation>[] {
  const touched = ({ oid }: Relation): string[] => sides.outsideOf(relationKey(oid));
  return [
    {
      code: 'view-crosses',
      severity: 'warning',
      when: (view) => touched(view).length > 0,
      object: ({ name }) => name,
      message: (view) =>
        `${view.kind === 'm' ? 'Materialized view' : 'View'} ${view.name} also reads ${touched(view).join(', ')}, outside the selection: it is not extracted`,
      remedy: () => "Rebuild it on the service's API, or extract those tables too.",
    },
  ];
}

import type { Key, Oid } from '../../catalog/catalog.ts';
import { nameTypeOf, type NameType } from '../../catalog/name-types.ts';
import { FIRST_NORMAL_OID } from '../../catalog/fragments.ts';
import { relationKey, type Graph } from '../closure/graph.ts';
import type { PlanInput } from '../input.ts';

/** Values of a table that are names of objects: of type regclass and the like, also inside arrays and composites. */
export interface NameColumn {
  /** `app.alias.rc` */
  readonly object: string;
  /** SQL of one value, and of the tables that give it. */
  readonly value: string;
  readonly from: string;
  readonly type: NameType;
}

/**
 * The names in rows, and whether the object of a name exists in the target when the rows are copied. Indexes and views
 * do not, nor what only triggers need.
 */
export interface NamesInRows {
  readonly columns: readonly NameColumn[];
  readonly arrives: (type: NameType, oid: Oid, name: string) => boolean;
  /** The key of an object that can be created before the rows because they name it; otherwise `null`. */
  readonly extractable: (type: NameType, oid: Oid) => Key | null;
}

/** The kinds of objects that can be extracted for no other reason than that a row names them: they read no table. */
const EXTRACTABLE: readonly NameType[] = ['regconfig', 'regdictionary', 'regcollation'];

export function namesInRows(
  input: PlanInput,
  created: { readonly schemas: ReadonlySet<string> },
): NamesInRows {
  const { graph, selection, target } = input;
  const columns = selection.tables
    .filter((table) => table.kind === 'r')
    .flatMap((table) =>
      table.columns
        .filter((column) => column.generated === '')
        .flatMap((column) =>
          namesIn(graph, column.typeOid, { value: `t.${column.name}`, from: [], seen: [] }).map(
            ({ value, from, type }): NameColumn => ({
              object: `${table.name}.${column.name}`,
              value,
              from: [`ONLY ${table.name} AS t`, ...from].join(', '),
              type,
            }),
          ),
        ),
    );
  const keys = arrivingKeys(input);
  // an array type comes with its element type, and a row type with its table
  const keyOf = (type: NameType, oid: Oid): Key =>
    (type === 'regtype' ? graph.typeKey(oid) : null) ?? `${CATALOGS[type] ?? ''}:${oid}`;
  return {
    columns,
    arrives(type, oid, name) {
      if (type === 'regrole') return target.roles.includes(name);
      if (type === 'regnamespace') return target.schemas.includes(name) || created.schemas.has(name);
      return Number(oid) < FIRST_NORMAL_OID || keys.has(keyOf(type, oid));
    },
    extractable(type, oid) {
      const key = keyOf(type, oid);
      const isNeeded = input.included.has(key) && !key.startsWith('pg_class:');
      return EXTRACTABLE.includes(type) || isNeeded ? key : null;
    },
  };
}

const CATALOGS: Partial<Readonly<Record<NameType, string>>> = {
  regclass: 'pg_class',
  regcollation: 'pg_collation',
  regconfig: 'pg_ts_config',
  regdictionary: 'pg_ts_dict',
  regoper: 'pg_operator',
  regoperator: 'pg_operator',
  regproc: 'pg_proc',
  regprocedure: 'pg_proc',
  regtype: 'pg_type',
};

function arrivingKeys({ catalog, selection, early, extensions }: PlanInput): ReadonlySet<Key> {
  const members = Object.entries(catalog.members).filter(([, extension]) => extensions.has(extension));
  const indexes = new Set(catalog.indexes.map(({ oid }) => relationKey(oid)));
  return new Set<Key>([
    ...[...early].filter((key) => !indexes.has(key)),
    ...selection.tables.map(({ oid }) => relationKey(oid)),
    ...members.map(([key]) => key as Key),
  ]);
}

interface Place {
  readonly value: string;
  readonly from: readonly string[];
  readonly seen: readonly Oid[];
}

interface NameValue {
  readonly value: string;
  readonly from: readonly string[];
  readonly type: NameType;
}

function namesIn(graph: Graph, oid: Oid, place: Place): NameValue[] {
  const type = graph.types.get(oid);
  if (type === undefined || place.seen.includes(oid)) return [];
  const { value, from } = place;
  const seen = [...place.seen, oid];
  const alias = `v${from.length}`;
  const name = nameTypeOf(type.name);
  if (name !== null && type.elementOf === null) return [{ value, from, type: name }];
  if (type.name === 'pg_catalog.aclitem') {
    const roles = `LATERAL pg_catalog.aclexplode(ARRAY[${value}]) AS ${alias}`;
    return ['grantee', 'grantor'].map((role) => ({
      value: `${alias}.${role}::pg_catalog.regrole`,
      from: [...from, roles],
      type: 'regrole',
    }));
  }
  if (type.elementOf !== null) {
    // in FROM, a composite element would become several columns
    const elements = `LATERAL (SELECT pg_catalog.unnest(${value}) AS v) AS ${alias}`;
    return namesIn(graph, type.elementOf, { value: `${alias}.v`, from: [...from, elements], seen });
  }
  if (type.baseType !== null) return namesIn(graph, type.baseType, { ...place, seen });
  const attributes =
    type.attributes.length > 0 ? type.attributes : (graph.relations.get(type.relation ?? '')?.columns ?? []);
  return attributes.flatMap((attribute) =>
    namesIn(graph, attribute.typeOid, { value: `(${value}).${attribute.name}`, from, seen }),
  );
}

import { loadSqlParser } from '../../contracts/sql-parser.ts';
import { emptyReferences, type Found, type Names } from './body-names.ts';
import { readSql } from './body-sql.ts';
import { addNamed, addTriggerArgument } from './body-texts.ts';
import type { Catalog, Dependency, Key } from './catalog.ts';
import { LIBRARY } from './dependencies.ts';
import { triggerArgumentsOf } from './trigger-arguments.ts';

type Read = Pick<
  Catalog,
  | 'relations'
  | 'constraints'
  | 'indexes'
  | 'triggers'
  | 'rules'
  | 'policies'
  | 'statistics'
  | 'functions'
  | 'plain'
>;

/**
 * Needs that pg_depend does not record, because a definition holds a name as text: `nextval(('public.s'::text)::regclass)`,
 * `to_tsvector(('public.english'::text)::regconfig, …)`, the arguments of a trigger, options of a dictionary.
 */
export async function readTextDependencies(
  read: Read,
  names: Names,
  members: Catalog['members'],
): Promise<Dependency[]> {
  await loadSqlParser();
  return [
    ...expressionsOf(read)
      .filter(({ sql }) => MENTIONS_NAME.test(sql))
      .flatMap(({ key, sql }) => dependenciesOf(key, namesInSql(sql, names))),
    ...read.triggers.flatMap((trigger) =>
      dependenciesOf(`pg_trigger:${trigger.oid}`, namesInArguments(trigger, read, names)),
    ),
    ...libraryDependencies(read, members),
    ...read.plain.flatMap((item) =>
      dependenciesOf(`${item.catalog}:${item.oid}`, namesInDictionary(item, names)),
    ),
  ];
}

// a constant of such a type is stored as an oid, which pg_depend records; a cast of text is not
const MENTIONS_NAME =
  /::text\)?::reg[a-z]+|\bto_reg[a-z]+\(|\b(nextval|currval|setval|ts_parse|ts_token_type|pg_get_serial_sequence|set_config)\(/;

interface Expression {
  readonly key: Key;
  /** Any statement with the expression in it. */
  readonly sql: string;
}

function expressionsOf({
  relations,
  constraints,
  indexes,
  triggers,
  rules,
  policies,
  statistics,
  functions,
}: Read): Expression[] {
  const select = (key: Key, ...texts: readonly (string | null)[]): Expression[] =>
    texts.flatMap((text) => (text === null ? [] : [{ key, sql: `SELECT ${text}` }]));
  return [
    ...relations.flatMap(({ columns }) =>
      columns.flatMap(({ expression, expressionOid }) =>
        select(`pg_attrdef:${expressionOid ?? ''}`, expression),
      ),
    ),
    ...relations.flatMap(({ oid, definition }) =>
      definition === null ? [] : [{ key: `pg_class:${oid}` as const, sql: definition }],
    ),
    ...constraints.flatMap(({ oid, kind, definition }) =>
      kind === 'c'
        ? select(
            `pg_constraint:${oid}`,
            definition.replace(/^CHECK |( NO INHERIT| NOT VALID| NOT ENFORCED)+$/g, ''),
          )
        : [],
    ),
    ...indexes.map(({ oid, definition }) => ({ key: `pg_class:${oid}` as const, sql: definition })),
    ...triggers.map(({ oid, definition }) => ({ key: `pg_trigger:${oid}` as const, sql: definition })),
    ...rules.map(({ oid, definition }) => ({ key: `pg_rewrite:${oid}` as const, sql: definition })),
    ...policies.flatMap(({ oid, using, check }) => select(`pg_policy:${oid}`, using, check)),
    ...statistics.map(({ oid, definition }) => ({
      key: `pg_statistic_ext:${oid}` as const,
      sql: definition,
    })),
    ...functions.flatMap(({ oid, definition, language }) =>
      definition !== null && language === 'sql' && /\b(BEGIN ATOMIC|RETURN)\b/.test(definition)
        ? [{ key: `pg_proc:${oid}` as const, sql: definition }]
        : [],
    ),
  ];
}

/** Names that the statement holds as text; its other names are in pg_depend. */
function namesInSql(sql: string, names: Names): Found {
  const found = emptyReferences();
  readSql(sql, { found, names, path: names.searchPath, textsOnly: true });
  return found;
}

function namesInArguments(trigger: Catalog['triggers'][number], { functions }: Read, names: Names): Found {
  const found = emptyReferences();
  const fn = functions.find(({ oid }) => oid === trigger.functionOid);
  // a built-in function takes names of columns and of a configuration
  const usesNames =
    fn !== undefined &&
    (fn.language === 'c' || fn.body.dynamic || fn.body.unparsed || fn.body.computes.includes('regclass'));
  for (const text of triggerArgumentsOf(trigger.definition))
    addTriggerArgument(text, { found, names, path: names.searchPath }, { usesNames });
  return found;
}

/** A thesaurus names the dictionary that normalizes its words. */
function namesInDictionary({ catalog, statements }: Catalog['plain'][number], names: Names): Found {
  const found = emptyReferences();
  const name =
    catalog === 'pg_ts_dict' ? /\bdictionary = '([^']*)'/.exec(statements[0] ?? '')?.[1] : undefined;
  if (name !== undefined) addNamed('regdictionary', name, { found, names, path: names.searchPath });
  return found;
}

/** Functions in C whose library comes with an extension: they need the extension. */
function libraryDependencies({ functions }: Read, members: Catalog['members']): Dependency[] {
  const libraries = new Map(
    functions.flatMap(({ oid, library }) => {
      const extension = members[`pg_proc:${oid}`];
      return library === null || extension === undefined ? [] : [[libraryName(library), extension] as const];
    }),
  );
  return functions.flatMap(({ oid, library }) => {
    const extension = libraries.get(libraryName(library ?? ''));
    if (extension === undefined || members[`pg_proc:${oid}`] !== undefined) return [];
    return [
      { from: `pg_proc:${oid}`, fromColumn: 0, to: `pg_extension:${extension}`, toColumn: 0, kind: LIBRARY },
    ];
  });
}

const libraryName = (library: string): string => library.replace(/^\$libdir\//, '').replace(/\.so$/, '');

function dependenciesOf(from: Key, found: Found): Dependency[] {
  const relations = [...found.relations, ...found.sequences].map((oid): Key => `pg_class:${oid}`);
  const functions = [...found.functions].map((oid): Key => `pg_proc:${oid}`);
  const types = [...found.types].map((oid): Key => `pg_type:${oid}`);
  return [...relations, ...functions, ...types, ...found.objects].map((to) => ({
    from,
    fromColumn: 0,
    to,
    toColumn: 0,
    kind: 'text',
  }));
}

import type { Finding } from '../../../contracts/plan.ts';
import type { Column, Constraint, DatabaseLocale, Relation } from '../../catalog/catalog.ts';
import { BUILTIN_LOCALE, ICU_RULES } from '../../catalog/database.ts';
import { findIn, type FindingRow } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import type { TargetFacts } from '../target.ts';

/** A new database gets the source's locale, where its server can; an existing one may have another. */
export const checkLocale = (input: PlanInput): Finding[] => {
  const { target, catalog } = input;
  if (target.missing) return findIn([catalog.server], unsupported(target));
  const here = localeOf(target);
  if (here === null) return [];
  const differences = differencesOf(here, catalog.server);
  if (!differences.order && !differences.case) return [];
  return [
    ...findIn([{ here, there: catalog.server, database: target.database }], DIFFERS),
    ...findIn(dependents(input, differences), dependent(describe(here), describe(catalog.server))),
  ];
};

/** Locales of the provider builtin that libc has with the same order of text. */
const IN_LIBC = ['C', 'C.UTF-8'];

const isMapped = ({ provider, locale }: DatabaseLocale, version: number): boolean =>
  provider === 'builtin' && version < BUILTIN_LOCALE && IN_LIBC.includes(locale ?? '');

/** The locale of a database that a server of this version creates for the source. */
export function localeFor(source: DatabaseLocale, version: number): DatabaseLocale {
  const { encoding, locale } = source;
  if (!isMapped(source, version)) return source;
  return { encoding, provider: 'libc', collate: 'C', ctype: locale ?? 'C', locale: null, rules: null };
}

const unsupported = ({ version, database }: TargetFacts): FindingRow<DatabaseLocale>[] => [
  {
    code: 'locale-unsupported',
    severity: 'error',
    when: (source) =>
      (source.provider === 'builtin' && version < BUILTIN_LOCALE && !isMapped(source, version)) ||
      ((source.rules ?? null) !== null && version < ICU_RULES),
    object: () => database,
    message: (source) =>
      `The source sorts text by ${describe(source)}, which PostgreSQL ${Math.floor(version / 10_000)} does not support`,
    remedy: () => 'Use a server of the same major, or create the target with another locale first.',
  },
  {
    code: 'locale-mapped',
    severity: 'info',
    when: (source) => isMapped(source, version),
    object: () => database,
    message: (source) =>
      `The target gets ${describe(localeFor(source, version))}, which sorts text like ${describe(source)}: PostgreSQL ${Math.floor(version / 10_000)} does not have this provider`,
  },
];

function localeOf(target: TargetFacts): DatabaseLocale | null {
  const { encoding, collate, ctype, provider, locale, rules } = target;
  if (encoding === null || collate === null) return null;
  return {
    encoding,
    collate,
    ctype: ctype ?? collate,
    provider: provider ?? 'libc',
    locale: locale ?? null,
    rules: rules ?? null,
  };
}

/** What the order of text follows. Every C locale sorts by code points, whatever its provider. */
function orderOf({ collate, provider = 'libc', locale, rules }: DatabaseLocale): string {
  if (provider === 'builtin') return 'c';
  if (provider === 'icu') return JSON.stringify([icuName(locale ?? ''), rules ?? '']);
  return libcName(collate).replace(/^c\.utf8$/, 'c');
}

/** What upper(), patterns without case and classes of characters follow. */
function caseOf({ ctype, provider = 'libc', locale }: DatabaseLocale): string {
  if (provider === 'icu') return JSON.stringify([icuName(locale ?? '')]);
  return libcName(provider === 'builtin' ? (locale ?? '') : ctype);
}

interface Differences {
  readonly order: boolean;
  readonly case: boolean;
}

const differencesOf = (a: DatabaseLocale, b: DatabaseLocale): Differences => ({
  order: orderOf(a) !== orderOf(b),
  case: caseOf(a) !== caseOf(b),
});

/** `C.UTF-8` and `C.utf8` are one locale, and so are `POSIX` and `C`. */
const libcName = (name: string): string =>
  name === 'POSIX' ? 'c' : name.toLowerCase().replace(/\.utf-8$/, '.utf8');

/** PostgreSQL 15 keeps the name as it was given; later majors keep the language tag. */
function icuName(name: string): string {
  try {
    return Intl.getCanonicalLocales(name.replaceAll('_', '-'))[0] ?? name;
  } catch {
    return name;
  }
}

function describe({ collate, ctype, provider = 'libc', locale, rules }: DatabaseLocale): string {
  if (provider !== 'libc')
    return `${locale ?? ''} of provider ${provider}${rules === null || rules === undefined || rules === '' ? '' : ' with rules of its own'}`;
  return collate === ctype ? collate : `${collate} (LC_CTYPE ${ctype})`;
}

const DIFFERS: readonly FindingRow<{
  readonly here: DatabaseLocale;
  readonly there: DatabaseLocale;
  readonly database: string;
}>[] = [
  {
    code: 'locale-differs',
    severity: 'warning',
    when: () => true,
    object: ({ database }) => database,
    message: ({ here, there }) =>
      `The target sorts by ${describe(here)}, the source by ${describe(there)}: text is sorted and compared differently`,
    remedy: () =>
      'For the same order name a target that does not exist: it is created with the locale of the source.',
  },
];

interface Dependent {
  readonly object: string;
  readonly what: string;
}

/** Parts of tables that may accept other rows, or hold other values, under another locale. */
function dependents({ selection, kept, graph }: PlanInput, differences: Differences): Dependent[] {
  const depends = (table: Relation, sql: string): boolean =>
    ((differences.order && ORDER.test(sql)) || (differences.case && CASE.test(sql))) && readsText(table, sql);
  return [
    ...selection.tables
      .filter(({ partitionKey }) => differences.order && /^RANGE /.test(partitionKey ?? ''))
      .filter((table) => readsText(table, table.partitionKey ?? ''))
      .map(({ name }) => ({ object: name, what: `the ranges of the partitions of ${name}` })),
    ...kept.constraints.flatMap(({ name, kind, table: oid, definition }: Constraint) => {
      const table = graph.relations.get(oid ?? '');
      return kind === 'c' && table !== undefined && depends(table, definition)
        ? [{ object: `${name} ON ${table.name}`, what: `constraint ${name} of ${table.name}` }]
        : [];
    }),
    ...selection.tables.flatMap((table) =>
      table.columns
        .filter(({ generated, expression }) => generated !== '' && depends(table, expression ?? ''))
        .map(({ name }) => ({
          object: `${table.name}.${name}`,
          what: `the values of ${table.name}.${name}`,
        })),
    ),
  ];
}

/** Comparisons of text. */
const ORDER =
  /(?<![<!=~])[<>]=? \(*('(?:[^']|'')*'::(text|character|bpchar)|[\w."]+\)*::text)|\b(greatest|least)\(/i;

/** Patterns, and functions whose results follow the classification of characters. */
const CASE = /~~\*|(?<!~)~\*?(?!~)|\b(upper|lower|initcap|casefold|regexp_\w+)\(/;

const readsText = ({ columns }: Relation, sql: string): boolean =>
  !/ COLLATE /.test(sql) && columns.some((column) => isText(column) && mentions(sql, column.name));

const isText = ({ type, collation }: Column): boolean =>
  collation === null && /^(text|character|citext|.*\.citext)\b/.test(type);

const mentions = (sql: string, name: string): boolean =>
  sql.split(/[^\p{L}\p{N}_$".]+/u).some((word) => word === name || word.endsWith(`.${name}`));

const dependent = (here: string, there: string): FindingRow<Dependent>[] => [
  {
    code: 'locale-incompatible',
    severity: 'error',
    when: () => true,
    object: ({ object }) => object,
    message: ({ what }) =>
      `The target sorts by ${here}, the source by ${there}: ${what} may not fit the rows in that order`,
    remedy: () => 'Name a target that does not exist: it is created with the locale of the source.',
  },
];

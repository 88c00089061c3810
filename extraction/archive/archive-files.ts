import pg from 'pg';
import type { ArchiveSpec } from './archive-api.ts';
import { statementsOf, type ExtractionPlan, type Statement, type TableCopy } from '../plan/plan.ts';
import type { SequenceState } from '../run/sequences.ts';
import { SESSION_SETTINGS } from '../run/session-settings.ts';

const { escapeLiteral: literal } = pg;

/** Rows of one table of an archive. */
export interface ArchivedTable {
  readonly table: TableCopy;
  /** Path in the archive's folder. */
  readonly file: string;
}

export const PRE_DATA = 'pre-data.sql';
export const POST_DATA = 'post-data.sql';
export const PRIVILEGES = 'privileges.sql';
export const LOAD = 'load.sql';
export const README = 'README.md';
export const MANIFEST = 'manifest.json';

/** The tables whose rows an archive holds, in the order in which they are loaded. */
export function archivedTables(plan: ExtractionPlan): readonly ArchivedTable[] {
  return [...(plan.configuration ?? []), ...plan.tables].map((table, index) => ({
    table,
    file: `data/${String(index + 1).padStart(4, '0')}.copy`,
  }));
}

/** Settings that change how the files are read. Every supported major of PostgreSQL has them. */
const READ_BY: readonly (keyof typeof SESSION_SETTINGS)[] = [
  'client_encoding',
  'standard_conforming_strings',
  'check_function_bodies',
  'datestyle',
  'intervalstyle',
  'timezone',
  'xmloption',
  'lc_monetary',
  'default_tablespace',
  'default_table_access_method',
];

function settingsFor({ searchPath, textSearchConfig }: ExtractionPlan): readonly string[] {
  return [
    ...READ_BY.map((name) => `SET ${name} = ${literal(SESSION_SETTINGS[name] ?? '')}`),
    ...(searchPath.length === 0 ? [] : [`SET search_path = ${searchPath.join(', ')}`]),
    ...(textSearchConfig === undefined
      ? []
      : [`SET default_text_search_config = ${literal(textSearchConfig)}`]),
  ];
}

/** Settings of the database itself: an archive is loaded into a database of any name. */
const isOfDatabase = ({ id }: Statement): boolean => id.startsWith('SETTING ');

/** Owners and privileges name roles of the server, which another server may lack. */
const isOfRoles = ({ id, sql }: Statement): boolean =>
  /^(OWNER|ACL|DEFAULT ACL) /.test(id) || /^ALTER STATISTICS .* OWNER TO /s.test(sql);

/** Structure and functions: everything before the rows. */
export function preDataText(plan: ExtractionPlan): string {
  const replaced = (plan.configuration ?? []).map(
    ({ name, condition = '' }) => `DELETE FROM ONLY ${name} ${condition}`,
  );
  const structure = plan.before.filter((statement) => !isOfRoles(statement)).map(({ sql }) => sql);
  return text([...settingsFor(plan), ...structure, ...replaced]);
}

/** Sequences, indexes, keys, triggers and comments: everything after the rows. */
export function postDataText(plan: ExtractionPlan, sequences: ReadonlyMap<string, SequenceState>): string {
  const states = [...sequences].map(
    ([name, { value, called }]) => `SELECT pg_catalog.setval(${literal(name)}, ${value}, ${String(called)})`,
  );
  const isPart = ({ id }: Statement): boolean => /^(INDEX|ATTACH) /.test(id);
  const later = [
    ...plan.indexes,
    // a foreign key may need a partitioned index, which is valid only when its last part is attached
    ...plan.constraints.filter(isPart),
    ...plan.constraints.filter((statement) => !isPart(statement)),
    ...plan.after,
  ].filter((statement) => !isOfDatabase(statement) && !isOfRoles(statement));
  return text([...states, ...later.map(({ sql }) => sql)]);
}

/** Owners and privileges, for a server that has the roles. */
export function privilegesText(plan: ExtractionPlan): string {
  const ofRoles = statementsOf(plan).filter(isOfRoles);
  // a sequence of a column has the owner of its table
  const first = ({ id }: Statement): boolean => id.startsWith('OWNER TABLE ');
  const ordered = [...ofRoles.filter(first), ...ofRoles.filter((statement) => !first(statement))];
  return text(ordered.map(({ sql }) => sql));
}

const text = (statements: readonly string[]): string => statements.map((sql) => `${sql};\n`).join('\n');

/** Options of COPY, both ways: the bytes of the source's encoding pass unconverted. */
export const copyOptions = ({ source }: ExtractionPlan): string =>
  `FORMAT text, ENCODING ${literal(source.encoding)}`;

/** The statement that loads the rows of one table: the first line of their file, as pg_dump writes it. */
export const copyStatement = (plan: ExtractionPlan, { into, columns }: TableCopy): string =>
  `COPY ${into}${columns.length === 0 ? '' : ` (${columns.join(', ')})`} FROM stdin WITH (${copyOptions(plan)})`;

/** What stands around the rows in their file. */
export const framesOf = (plan: ExtractionPlan, table: TableCopy): { before: string; after: string } => ({
  before: `${copyStatement(plan, table)};\n`,
  after: '\\.\n',
});

/** The program for `psql`, which loads the whole archive or nothing. */
export function loadText(plan: ExtractionPlan): string {
  const files = [PRE_DATA, ...archivedTables(plan).map(({ file }) => file), POST_DATA];
  return ['\\set ON_ERROR_STOP on', 'BEGIN;', ...files.map((file) => `\\ir ${file}`), 'COMMIT;', ''].join(
    '\n',
  );
}

/** How the archive is loaded, for a reader of the folder. */
export const readmeText = (spec: ArchiveSpec): string =>
  `# Tables of ${spec.toolId}, before its export was completed

Written and verified by job ${spec.jobId}. \`${MANIFEST}\` lists rows and checksums.

Load the tables into an empty database, then, where the roles exist, their owners and privileges:

\`\`\`bash
psql --no-psqlrc --dbname=URL --file=${LOAD}
psql --no-psqlrc --dbname=URL --set=ON_ERROR_STOP=1 --single-transaction --file=${PRIVILEGES}
\`\`\`
${spec.remarks.length === 0 ? '' : `\nNot archived:\n\n${spec.remarks.map((remark) => `- ${remark}`).join('\n')}\n`}`;

import type { Node } from 'ts-morph';
import { tableNames } from '../../contracts/declared-tables.ts';
import type { Finding } from '../../contracts/plan.ts';
import { findSql, namesPassedToDatabase, type SqlText } from '../sql/find-sql.ts';
import { unreadableSql } from '../sql/unreadable-sql.ts';
import type { TableUse } from '../sql/read-tables.ts';
import { beginsAsSql, isCatalog, isComputed, lineIn, lineOfName, tablesOf } from '../sql/tables-of-text.ts';
import { sqlFilesOf, type SqlFile } from './sql-files.ts';
import { backendError, backendWarning } from '../findings.ts';
import type { CodeCheck } from './context.ts';

/**
 * Finds SQL of running code on tables of other tools. Unreadable SQL is a warning only: in the monolith, the
 * tool's role has no privileges on other tables, so such SQL fails there already.
 */
export const checkSqlTables: CodeCheck = (context) => {
  const { graph, running, manifest } = context;
  const files = sqlFilesOf(context);
  const sources = [...graph.sources].filter(([file]) => running.has(file));
  const passedNames = new Set(sources.flatMap(([, source]) => namesPassedToDatabase(source)));
  const texts = sources.flatMap(([file, source]) =>
    findSql(source, passedNames).map((text) => ({ file, text, tables: tablesOf(text) })),
  );
  const temporary = new Set(
    [...texts, ...files].flatMap(({ tables }) =>
      (tables ?? []).filter((t) => t.temporary).map((t) => t.name),
    ),
  );
  const declared = declaredTables(tableNames(manifest.databaseSchema.tables));
  const isAllowed: IsAllowed = (table) => isCatalog(table) || temporary.has(table.name) || declared(table);
  const inTexts = texts.flatMap((text) => findingsOfText(text, isAllowed));
  const findings = [
    ...sources.flatMap(([file, source]) =>
      unreadableSql(source).map((node) => unreadable(file, node.getStartLineNumber())),
    ),
    ...inTexts.filter(({ elsewhere }) => !elsewhere).map(({ finding }) => finding),
    ...files.flatMap((file) => findingsOfFile(file, isAllowed)),
  ];
  // A name from a constant is reported once, where it is written
  const reported = new Set(findings.map((finding) => finding.object));
  const elsewhere = inTexts.filter(({ elsewhere: away, finding }) => away && !reported.has(finding.object));
  return unique([...findings, ...elsewhere.map(({ finding }) => finding)]);
};

type IsAllowed = (table: TableUse) => boolean;

interface FoundSql {
  readonly file: string;
  readonly text: SqlText;
  readonly tables: readonly TableUse[] | null;
}

/** `elsewhere`: the table's name is not written in this text, but in a constant that it includes. */
interface TextFinding {
  readonly finding: Finding;
  readonly elsewhere: boolean;
}

function findingsOfText({ file, text, tables }: FoundSql, isAllowed: IsAllowed): readonly TextFinding[] {
  const start = text.node.getStartLineNumber();
  if (tables === null)
    return text.certain && beginsAsSql(text) ? [{ finding: unreadable(file, start), elsewhere: false }] : [];
  return tables
    .filter((table) => !isAllowed(table))
    .map((table) => {
      if (isComputed(table)) return { finding: computed(file, text.node), elsewhere: false };
      const line = lineOfName(text.node, table.name);
      return { finding: foreign(file, line ?? start, table), elsewhere: line === null };
    });
}

function findingsOfFile(
  { file, text, tables, unreadableAt }: SqlFile,
  isAllowed: IsAllowed,
): readonly Finding[] {
  if (tables === null) return [noSql(file, unreadableAt ?? 1)];
  return tables
    .filter((table) => !isAllowed(table))
    .map((table) => foreign(file, lineIn(text, table.name) ?? 1, table));
}

function declaredTables(declared: readonly string[]): (table: TableUse) => boolean {
  const names = new Set(declared.flatMap((name) => [name, name.replaceAll('"', ''), name.toLowerCase()]));
  const bare = new Set([...names].map((name) => name.slice(name.indexOf('.') + 1)));
  return ({ schema, name, cast }) => {
    // `items_id_seq`, `items_pkey`: objects that PostgreSQL names after a table
    if (cast === true && [...bare].some((table) => name.startsWith(`${table}_`))) return true;
    if (schema === null) return bare.has(name);
    return names.has(`${schema}.${name}`) || (schema === 'public' && names.has(name));
  };
}

const sqlName = ({ schema, name }: TableUse): string =>
  [schema, name].filter((part) => part !== null).join('.');

const foreign = (file: string, line: number, table: TableUse): Finding =>
  backendError({
    code: 'code-undeclared-table',
    file,
    line,
    message: `SQL uses the table ${sqlName(table)}, which is not declared in the manifest, so it would be missing in the service's database.`,
    remedy: `If the table belongs to this tool, add it to manifest.json under /databaseSchema/tables; otherwise call the tool that owns it over HTTP.`,
    object: sqlName(table),
  });

const computed = (file: string, node: Node): Finding =>
  backendWarning({
    code: 'code-computed-table',
    file,
    line: node.getStartLineNumber(),
    message: 'SQL reads the name of a table from a variable, so the table cannot be checked.',
    remedy: 'Write the name of the table in the SQL, or choose between complete statements.',
  });

const unreadable = (file: string, line: number): Finding =>
  backendWarning({
    code: 'code-sql-unreadable',
    file,
    line,
    message: 'SQL is assembled at run time, so its tables were not checked.',
    remedy: 'Write the statement as a literal, or check that it uses only declared tables.',
  });

const noSql = (file: string, line: number): Finding => ({
  ...unreadable(file, line),
  message: 'PostgreSQL cannot parse this file from this line on, so its tables were not checked.',
});

function unique(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map(findings.map((f) => [`${f.code} ${f.file}:${f.line} ${f.object}`, f]));
  return [...seen.values()];
}

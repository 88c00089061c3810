import { parsePlpgsql, parseSql } from '../../contracts/sql-parser.ts';

/** A relation that a statement names, with case folded as SQL does. */
export interface TableUse {
  readonly schema: string | null;
  readonly name: string;
  /** A temporary table that the statement creates. */
  readonly temporary: boolean;
  /** Named by a cast to regclass, which accepts sequences and indexes as well. */
  readonly cast?: boolean;
  /** The statement inserts, updates, deletes or truncates its rows, or changes its definition. */
  readonly write?: boolean;
  /** The statement inserts rows. */
  readonly insert?: boolean;
}

type Tree = Readonly<Record<string, unknown>>;

/**
 * Relations that SQL reads, writes, creates or drops, in sub-queries, CTEs, `DO` blocks and function bodies as well.
 * Names of CTEs are excluded where they are in scope.
 * @throws SqlError when PostgreSQL cannot parse the text.
 */
export function readTables(sql: string): readonly TableUse[] {
  const found: TableUse[] = [];
  const parsed = parseSql(sql) as { stmts?: readonly { stmt?: unknown }[] };
  for (const { stmt } of parsed.stmts ?? []) {
    walk(stmt, new Set(), found);
    for (const body of bodiesOf(stmt, sql)) found.push(...readTables(body));
  }
  return found;
}

/** Statements whose target is never a CTE. */
const WRITES = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CreateStmt',
  'AlterTableStmt',
  'CopyStmt',
]);

function walk(node: unknown, scope: ReadonlySet<string>, found: TableUse[]): void {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, scope, found);
    return;
  }
  if (!isTree(node)) return;
  if (typeof node['relname'] === 'string') {
    addRelation(node, scope, found);
    return;
  }
  if (isTree(node['TypeCast'])) addRegclass(node['TypeCast'], found);
  if (isTree(node['DropStmt'])) addDropped(node['DropStmt'], found);
  const inside = withCtes(node['withClause'], scope, found);
  for (const [key, child] of Object.entries(node)) {
    // FOR UPDATE OF repeats names or aliases of FROM
    if (key === 'withClause' || key === 'lockedRels') continue;
    if (WRITES.has(key) && isTree(child)) {
      walkTarget(child['relation'], found, key === 'InsertStmt');
      walk({ ...child, relation: undefined }, inside, found);
    } else if (key === 'TruncateStmt' && isTree(child)) walkTarget(child['relations'], found, false);
    else walk(child, inside, found);
  }
}

/** The relations that a statement writes. */
function walkTarget(node: unknown, found: TableUse[], insert: boolean): void {
  const written: TableUse[] = [];
  walk(node, new Set(), written);
  const marks = insert ? { write: true, insert } : { write: true };
  found.push(...written.map((relation) => (relation.temporary ? relation : { ...relation, ...marks })));
}

/** Walks the CTEs and returns the names in scope of the main statement. PostgreSQL manual, 7.8. */
function withCtes(clause: unknown, scope: ReadonlySet<string>, found: TableUse[]): ReadonlySet<string> {
  if (!isTree(clause) || !Array.isArray(clause['ctes'])) return scope;
  const ctes = clause['ctes']
    .map((cte: unknown) => (isTree(cte) ? cte['CommonTableExpr'] : undefined))
    .filter(isTree);
  const all = new Set([...scope, ...ctes.map((cte) => String(cte['ctename']))]);
  const seen = new Set(scope);
  for (const cte of ctes) {
    walk(cte['ctequery'], clause['recursive'] === true ? all : seen, found);
    seen.add(String(cte['ctename'])); // without RECURSIVE, only preceding CTEs are in scope
  }
  return all;
}

function addRelation(node: Tree, scope: ReadonlySet<string>, found: TableUse[]): void {
  const name = String(node['relname']);
  const schema = typeof node['schemaname'] === 'string' ? node['schemaname'] : null;
  if (schema === null && scope.has(name)) return;
  found.push({ schema, name, temporary: node['relpersistence'] === 't' });
}

/** `'items'::regclass` */
function addRegclass(cast: Tree, found: TableUse[]): void {
  const type = JSON.stringify(cast['typeName'] ?? null);
  const text = /"sval":\{"sval":("(?:[^"\\]|\\.)*")\}/.exec(JSON.stringify(cast['arg'] ?? null))?.[1];
  if (!type.includes('"regclass"') || text === undefined) return;
  const name = JSON.parse(text) as string;
  if (/^[\w."]+$/.test(name))
    found.push(...readTables(`TABLE ${name}`).map((relation) => ({ ...relation, cast: true })));
}

function addDropped(drop: Tree, found: TableUse[]): void {
  if (drop['removeType'] !== 'OBJECT_TABLE' || !Array.isArray(drop['objects'])) return;
  for (const object of drop['objects'] as unknown[]) {
    const words = [...JSON.stringify(object).matchAll(/"sval":("(?:[^"\\]|\\.)*")/g)].map(
      ([, word = '""']) => JSON.parse(word) as string,
    );
    const name = words.at(-1);
    if (name !== undefined) found.push({ schema: words.at(-2) ?? null, name, temporary: false, write: true });
  }
}

/** SQL inside SQL: the bodies of `DO` and `CREATE FUNCTION`. */
function bodiesOf(stmt: unknown, sql: string): readonly string[] {
  if (!isTree(stmt)) return [];
  const text = JSON.stringify(stmt);
  if (isTree(stmt['DoStmt'])) {
    const body = /"sval":("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
    return body === undefined
      ? []
      : queriesOf(
          `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS ${quote(JSON.parse(body) as string)}`,
        );
  }
  if (!isTree(stmt['CreateFunctionStmt'])) return [];
  if (/"defname":"language","arg":\{"String":\{"sval":"plpgsql"/.test(text)) return queriesOf(sql);
  const body = /"defname":"as","arg":\{"List":\{"items":\[\{"String":\{"sval":("(?:[^"\\]|\\.)*")/.exec(
    text,
  )?.[1];
  const language = /"defname":"language","arg":\{"String":\{"sval":"sql"/.test(text);
  return body !== undefined && language ? [JSON.parse(body) as string] : [];
}

/** Statements of PL/pgSQL, and its expressions wrapped in SELECT. */
function queriesOf(functionSql: string): readonly string[] {
  const tree = JSON.stringify(parsePlpgsql(functionSql));
  return [...tree.matchAll(/"query":("(?:[^"\\]|\\.)*")/g)]
    .map(([, text = '""']) => (JSON.parse(text) as string).replace(/^\s*[\w."[\]]+\s*:=/, ''))
    .map((text) => (parses(text) ? text : `SELECT ${text}`))
    .filter(parses);
}

function parses(sql: string): boolean {
  try {
    parseSql(sql);
    return true;
  } catch {
    return false;
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

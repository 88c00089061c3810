import { loadModule, parsePlPgSQLSync, parseSync } from 'libpg-query';

/** A relation that a statement names, as it is called after SQL's folding. */
export interface TableUse {
  readonly schema: string | null;
  readonly name: string;
  /** Made by the statement itself for its own session. */
  readonly temporary: boolean;
  /** Named by a cast to regclass, which takes sequences and indexes, too. */
  readonly cast?: boolean;
}

type Tree = Readonly<Record<string, unknown>>;

/** Must have ended before {@link readTables} is called: the parser is WebAssembly. */
export const loadSqlParser = loadModule;

/**
 * Relations that SQL reads, writes, makes or drops: in sub-queries, CTEs, `DO` blocks and function bodies too. Names of CTEs are left
 * out where they are in scope, and only there.
 * @throws SqlError when it is not PostgreSQL.
 */
export function readTables(sql: string): readonly TableUse[] {
  const found: TableUse[] = [];
  const parsed = parseSync(sql) as { stmts?: readonly { stmt?: unknown }[] };
  for (const { stmt } of parsed.stmts ?? []) {
    walk(stmt, new Set(), found);
    for (const body of bodiesOf(stmt, sql)) found.push(...readTables(body));
  }
  return found;
}

/** The target of a statement that writes: never a CTE. */
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
    // FOR UPDATE OF names what FROM has named, by the names that FROM has given it
    if (key === 'withClause' || key === 'lockedRels') continue;
    if (WRITES.has(key) && isTree(child)) {
      walk(child['relation'], new Set(), found);
      walk({ ...child, relation: undefined }, inside, found);
    } else walk(child, inside, found);
  }
}

/** Walks the CTEs and gives back the names that the statement itself sees. PostgreSQL manual, 7.8. */
function withCtes(clause: unknown, scope: ReadonlySet<string>, found: TableUse[]): ReadonlySet<string> {
  if (!isTree(clause) || !Array.isArray(clause['ctes'])) return scope;
  const ctes = clause['ctes']
    .map((cte: unknown) => (isTree(cte) ? cte['CommonTableExpr'] : undefined))
    .filter(isTree);
  const all = new Set([...scope, ...ctes.map((cte) => String(cte['ctename']))]);
  const seen = new Set(scope);
  for (const cte of ctes) {
    walk(cte['ctequery'], clause['recursive'] === true ? all : seen, found);
    seen.add(String(cte['ctename'])); // without RECURSIVE a CTE sees only those before it
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
    if (name !== undefined) found.push({ schema: words.at(-2) ?? null, name, temporary: false });
  }
}

/** SQL inside of SQL: what `DO` and `CREATE FUNCTION` carry as text. */
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

/** The statements and expressions of PL/pgSQL; what is an expression is made a statement. */
function queriesOf(functionSql: string): readonly string[] {
  const tree = JSON.stringify(parsePlPgSQLSync(functionSql));
  return [...tree.matchAll(/"query":("(?:[^"\\]|\\.)*")/g)]
    .map(([, text = '""']) => (JSON.parse(text) as string).replace(/^\s*[\w."[\]]+\s*:=/, ''))
    .map((text) => (parses(text) ? text : `SELECT ${text}`))
    .filter(parses);
}

function parses(sql: string): boolean {
  try {
    parseSync(sql);
    return true;
  } catch {
    return false;
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

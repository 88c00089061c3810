import { loadModule, parseSync } from 'libpg-query';

type Tree = Readonly<Record<string, unknown>>;

/** A statement of a file. Offsets are in bytes. */
interface Statement {
  readonly kind: string;
  readonly tree: Tree;
  readonly start: number;
  readonly end: number;
}

/** An object that SQL text creates; names without a schema are in `public`. */
export interface CreatedObject {
  readonly kind: 'relation' | 'type' | 'routine' | 'schema';
  readonly schema: string;
  readonly name: string;
}

/** A statement that the role of the migrations cannot run, so that the platform runs its own instead. */
export interface PlatformStatement {
  readonly kind: 'create-extension' | 'create-schema' | 'drop-extension';
  /** Name of the extension or schema; `null` where the statement does more than the platform can. */
  readonly name: string | null;
  /** Schema for an extension. */
  readonly schema: string;
  /** 1-based. */
  readonly line: number;
}

export interface MigrationText {
  /** The file with spaces in place of the platform's statements, which keeps lines and positions. */
  readonly sql: string;
  readonly platform: readonly PlatformStatement[];
  /** Line of the first statement that would begin, end or divide the file's transaction; `null` when there is none. */
  readonly transactionLine: number | null;
}

/** Reads a migration. Text that the parser cannot read is returned unchanged: PostgreSQL reports what is wrong with it. */
export async function readMigration(sql: string): Promise<MigrationText> {
  const statements = await statementsOf(sql);
  const bytes = Buffer.from(sql);
  const lineOf = ({ start }: Statement): number => bytes.subarray(0, start).toString().split('\n').length;
  const platform: PlatformStatement[] = [];
  for (const statement of statements) {
    const found = platformStatements(statement, lineOf(statement));
    if (found.length === 0) continue;
    platform.push(...found);
    for (let i = statement.start; i < statement.end; i++) if (bytes[i] !== 0x0a) bytes[i] = 0x20;
  }
  const ending = statements.find(({ kind }) => kind === 'TransactionStmt');
  return { sql: bytes.toString(), platform, transactionLine: ending === undefined ? null : lineOf(ending) };
}

/** The objects that the files create, one after the other, under their last names. */
export async function createdObjects(files: readonly string[]): Promise<readonly CreatedObject[]> {
  const created = new Map<string, CreatedObject>();
  for (const sql of files)
    for (const { kind, tree } of await statementsOf(sql)) {
      const object = kind === 'RenameStmt' ? renamed(tree, created) : CREATES[kind]?.(tree);
      if (object !== undefined) created.set(keyOf(object), object);
    }
  return [...created.values()];
}

const keyOf = ({ kind, schema, name }: CreatedObject): string => `${kind} ${schema}.${name}`;

/** Only a relation of the tool: its former name may be taken by another object since. */
function renamed(tree: Tree, created: Map<string, CreatedObject>): CreatedObject | undefined {
  const former = relation(tree['relation']);
  const { renameType, newname } = tree;
  const isRelation = ['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_SEQUENCE'].includes(
    String(renameType),
  );
  if (!isRelation || former === undefined || !created.delete(keyOf(former))) return undefined;
  return { ...former, name: String(newname) };
}

async function statementsOf(sql: string): Promise<readonly Statement[]> {
  await loadModule();
  const length = Buffer.byteLength(sql);
  let parsed: { readonly stmts?: readonly { stmt?: Tree; stmt_location?: number; stmt_len?: number }[] };
  try {
    parsed = parseSync(sql);
  } catch {
    return [];
  }
  return (parsed.stmts ?? []).flatMap(({ stmt = {}, stmt_location: start = 0, stmt_len: size }) => {
    const [entry] = Object.entries(stmt);
    if (entry === undefined) return [];
    const [kind, tree] = entry;
    // Without a length, the statement is the last one
    return [{ kind, tree: isTree(tree) ? tree : {}, start, end: size === undefined ? length : start + size }];
  });
}

function platformStatements({ kind, tree }: Statement, line: number): readonly PlatformStatement[] {
  if (kind === 'CreateExtensionStmt')
    return [{ kind: 'create-extension', name: String(tree['extname']), schema: schemaOption(tree), line }];
  if (kind === 'CreateSchemaStmt') {
    const isPlain = tree['schemaElts'] === undefined && typeof tree['schemaname'] === 'string';
    return [{ kind: 'create-schema', name: isPlain ? String(tree['schemaname']) : null, schema: '', line }];
  }
  if (kind === 'DropStmt' && tree['removeType'] === 'OBJECT_EXTENSION')
    return names(tree['objects']).map((name) => ({ kind: 'drop-extension', name, schema: '', line }));
  return [];
}

function schemaOption({ options }: Tree): string {
  const all = Array.isArray(options)
    ? options.map((one: unknown) => (isTree(one) ? one['DefElem'] : one))
    : [];
  const option = all.filter(isTree).find(({ defname }) => defname === 'schema');
  return names([option?.['arg']])[0] ?? 'public';
}

/** Statements that create an object, with the place of its name. */
const CREATES: Readonly<Record<string, ((tree: Tree) => CreatedObject | undefined) | undefined>> = {
  CreateStmt: (tree) => relation(tree['relation']),
  CreateTableAsStmt: ({ into }) => (isTree(into) ? relation(into['rel']) : undefined),
  ViewStmt: (tree) => relation(tree['view']),
  CreateSeqStmt: (tree) => relation(tree['sequence']),
  CompositeTypeStmt: (tree) => relation(tree['typevar'], 'type'),
  CreateEnumStmt: (tree) => named('type', tree['typeName']),
  CreateRangeStmt: (tree) => named('type', tree['typeName']),
  CreateDomainStmt: (tree) => named('type', tree['domainname']),
  CreateFunctionStmt: (tree) => named('routine', tree['funcname']),
  DefineStmt: (tree) =>
    tree['kind'] === 'OBJECT_AGGREGATE' ? named('routine', tree['defnames']) : undefined,
  CreateSchemaStmt: ({ schemaname: name }) =>
    typeof name === 'string' ? { kind: 'schema', schema: '', name } : undefined,
};

function relation(node: unknown, kind: CreatedObject['kind'] = 'relation'): CreatedObject | undefined {
  if (!isTree(node) || typeof node['relname'] !== 'string' || node['relpersistence'] === 't')
    return undefined;
  const { schemaname, relname } = node;
  return { kind, schema: typeof schemaname === 'string' ? schemaname : 'public', name: relname };
}

function named(kind: CreatedObject['kind'], list: unknown): CreatedObject | undefined {
  const parts = [...names(list)];
  const name = parts.pop();
  return name === undefined ? undefined : { kind, schema: parts.pop() ?? 'public', name };
}

/** The texts of a list of `String` nodes. */
function names(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((node: unknown) => {
    const text = isTree(node) && isTree(node['String']) ? node['String']['sval'] : undefined;
    return typeof text === 'string' ? [text] : [];
  });
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

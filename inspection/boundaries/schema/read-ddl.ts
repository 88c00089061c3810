import { parseSql } from '../../../contracts/sql-parser.ts';
import { readTables } from '../../sql/read-tables.ts';
import { relationName } from './relation-name.ts';
import type { Access } from '../types.ts';

/** A change of the schema, in the order of the text. */
export type DdlEvent =
  | { readonly kind: 'table'; readonly name: string; readonly line: number }
  | { readonly kind: 'view'; readonly name: string; readonly reads: readonly string[]; readonly line: number }
  | {
      readonly kind: 'foreign-key';
      readonly name: string;
      readonly from: string;
      readonly to: string;
      readonly line: number;
    }
  | {
      readonly kind: 'function';
      readonly name: string;
      readonly uses: readonly { readonly table: string; readonly access: Access }[];
    }
  | {
      readonly kind: 'trigger';
      readonly name: string;
      readonly table: string;
      readonly calls: string;
      readonly line: number;
    }
  | { readonly kind: 'drop'; readonly what: 'relation' | 'trigger' | 'function'; readonly name: string }
  | { readonly kind: 'drop-constraint'; readonly table: string; readonly name: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string };

type Tree = Readonly<Record<string, unknown>>;

/**
 * What a text creates, drops and renames. Other statements are ignored.
 * @throws SqlError when PostgreSQL cannot parse the text.
 */
export function readDdl(sql: string): readonly DdlEvent[] {
  const bytes = Buffer.from(sql);
  const parsed = parseSql(sql) as { stmts?: readonly Tree[] };
  const lineAt = (offset: number): number => bytes.subarray(0, offset).toString().split('\n').length;
  return (parsed.stmts ?? []).flatMap((raw) => {
    const at = numberOf(raw['stmt_location']);
    const length = numberOf(raw['stmt_len']) || bytes.length - at;
    const text = bytes.subarray(at, at + length).toString();
    const first = at + Buffer.byteLength(/^(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0] ?? '');
    const [[kind, body] = ['', {}]] = Object.entries(treeOf(raw['stmt']));
    return READERS[kind]?.({ body: treeOf(body), text, line: lineAt(first), lineAt }) ?? [];
  });
}

interface Statement {
  readonly body: Tree;
  readonly text: string;
  readonly line: number;
  /** The line of a byte of the whole text. */
  readonly lineAt: (offset: number) => number;
}

const READERS: Readonly<Record<string, (statement: Statement) => readonly DdlEvent[]>> = {
  CreateStmt({ body, line, lineAt }) {
    const name = rangeName(body['relation']);
    if (treeOf(body['relation'])['relpersistence'] === 't') return [];
    return [{ kind: 'table', name, line }, ...keysOf(name, listOf(body['tableElts']), { line, lineAt })];
  },
  AlterTableStmt({ body, line, lineAt }) {
    const table = rangeName(body['relation']);
    return listOf(body['cmds']).flatMap((item) => {
      const command = treeOf(item['AlterTableCmd']);
      if (command['subtype'] === 'AT_DropConstraint')
        return [{ kind: 'drop-constraint', table, name: String(command['name']) } as const];
      return keysOf(table, [treeOf(command['def'])], { line, lineAt });
    });
  },
  ViewStmt: ({ body, text, line }) => [viewOf(rangeName(body['view']), text, line)],
  CreateTableAsStmt({ body, text, line }) {
    const name = rangeName(treeOf(body['into'])['rel']);
    return body['objtype'] === 'OBJECT_MATVIEW'
      ? [viewOf(name, text, line)]
      : [{ kind: 'table', name, line }];
  },
  CreateFunctionStmt: ({ body, text }) => [
    { kind: 'function', name: wordsOf(body['funcname']).at(-1) ?? '', uses: usesOf(text) },
  ],
  CreateTrigStmt: ({ body, line }) => [
    {
      kind: 'trigger',
      name: String(body['trigname']),
      table: rangeName(body['relation']),
      calls: wordsOf(body['funcname']).at(-1) ?? '',
      line,
    },
  ],
  DropStmt({ body }) {
    const what = DROPPED[String(body['removeType'])];
    if (what === undefined) return [];
    return listOf(body['objects']).map((object) => {
      const words = wordsOf(object);
      const name =
        what === 'relation' ? relationName(words.at(-2) ?? null, words.at(-1) ?? '') : words.at(-1);
      return { kind: 'drop', what, name: name ?? '' } as const;
    });
  },
  RenameStmt: ({ body }) =>
    body['renameType'] === 'OBJECT_TABLE' || body['renameType'] === 'OBJECT_VIEW'
      ? [
          {
            kind: 'rename',
            from: rangeName(body['relation']),
            to: relationName(schemaOf(body['relation']), String(body['newname'])),
          },
        ]
      : [],
};

const DROPPED: Readonly<Record<string, 'relation' | 'trigger' | 'function'>> = {
  OBJECT_TABLE: 'relation',
  OBJECT_VIEW: 'relation',
  OBJECT_MATVIEW: 'relation',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_FUNCTION: 'function',
};

function viewOf(name: string, text: string, line: number): DdlEvent {
  const reads = usesOf(text)
    .map(({ table }) => table)
    .filter((table) => table !== name);
  return { kind: 'view', name, reads: [...new Set(reads)], line };
}

/** Tables in a statement, with those of the body of a function. */
export function usesOf(sql: string): readonly { readonly table: string; readonly access: Access }[] {
  return readTables(sql)
    .filter(({ temporary }) => !temporary)
    .map((use) => ({
      table: relationName(use.schema, use.name),
      access: use.write === true ? 'write' : 'read',
    }));
}

/** Foreign keys of columns and of the table itself. A key without a name gets the name that PostgreSQL gives it. */
function keysOf(
  table: string,
  elements: readonly Tree[],
  { line, lineAt }: Pick<Statement, 'line' | 'lineAt'>,
): readonly DdlEvent[] {
  const bare = table.slice(table.indexOf('.') + 1);
  const keyOf = (constraint: Tree, columns: readonly string[]): readonly DdlEvent[] => {
    if (constraint['contype'] !== 'CONSTR_FOREIGN') return [];
    const at = constraint['location'];
    return [
      {
        kind: 'foreign-key',
        name:
          typeof constraint['conname'] === 'string'
            ? constraint['conname']
            : `${bare}_${columns.join('_')}_fkey`,
        from: table,
        to: rangeName(constraint['pktable']),
        line: typeof at === 'number' ? lineAt(at) : line,
      },
    ];
  };
  return elements.flatMap((element) => {
    const column = treeOf(element['ColumnDef']);
    const own = treeOf(element['Constraint']);
    return [
      ...keyOf(own, listOf(own['fk_attrs']).flatMap(wordsOf)),
      ...listOf(column['constraints']).flatMap((one) =>
        keyOf(treeOf(one['Constraint']), [String(column['colname'])]),
      ),
    ];
  });
}

const schemaOf = (range: unknown): string | null => {
  const schema = treeOf(range)['schemaname'];
  return typeof schema === 'string' ? schema : null;
};
const rangeName = (range: unknown): string => {
  const name = treeOf(range)['relname'];
  return relationName(schemaOf(range), typeof name === 'string' ? name : '');
};

/** The names in a list of a statement. */
const wordsOf = (node: unknown): readonly string[] =>
  [...JSON.stringify(node ?? null).matchAll(/"sval":("(?:[^"\\]|\\.)*")/g)].map(
    ([, word = '""']) => JSON.parse(word) as string,
  );

const treeOf = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
const listOf = (value: unknown): readonly Tree[] => (Array.isArray(value) ? value.map(treeOf) : []);
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

import { parseSql } from '../../contracts/sql-parser.ts';
import { addRelation, addRelationOrType, resolveName, type Node, type Reading } from './body-names.ts';
import { findOperators, type Operand } from './body-operators.ts';
import { addCollation, addNames, textOf, textsIn } from './body-texts.ts';
import { nameTypeOf, type Signature } from './name-types.ts';

/** Needs `loadSqlParser`. Marks text that it cannot parse. */
export function readSql(text: string, reading: Reading): void {
  try {
    const parsed = parseSql(text);
    const ctes = new Set<string>();
    collectCtes(parsed, ctes);
    visit(parsed, { ...reading, ctes });
  } catch {
    reading.found.unparsed = true;
  }
}

function collectCtes(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) for (const child of node) collectCtes(child, names);
  else if (typeof node === 'object' && node !== null)
    for (const [key, value] of Object.entries(node as Node)) {
      const name = key === 'CommonTableExpr' ? (value as Node)['ctename'] : undefined;
      if (typeof name === 'string') names.add(name);
      collectCtes(value, names);
    }
}

type Visitor = (value: Node, reading: Reading) => void;

const ANY = { left: 'any', right: 'any' } as const;

/** By the key of the node in the parse tree. */
const VISITORS: Readonly<Record<string, Visitor>> = {
  RangeVar: addRangeVar,
  relation: (value, reading) => {
    if ('relname' in value) addRangeVar(value, reading);
  },
  FuncCall: addCall,
  TypeCast: addCast,
  CollateClause: (value, reading) =>
    void addCollation(strings(value['collname']).map(quoteName).join('.'), reading),
  A_Const: (value, reading) => {
    const text = textOf(value);
    if (text !== null) reading.found.texts.add(text);
  },
  A_Expr: addOperator,
  SubLink: (value, reading) => addOperatorNamed(value['operName'], ANY, reading),
  SortBy: (value, reading) => addOperatorNamed(value['useOp'], ANY, reading),
  typeName: addTypeName,
  TypeName: addTypeName,
  VariableSetStmt: (value, reading) => {
    if (value['name'] === 'default_text_search_config') addNames('regconfig', value['args'], reading);
  },
};

const HOLD_TEXTS = new Set(['FuncCall', 'TypeCast']);

function visit(node: unknown, reading: Reading): void {
  if (Array.isArray(node)) for (const child of node) visit(child, reading);
  else if (isNode(node))
    for (const [key, value] of Object.entries(node)) {
      if (
        isNode(value) &&
        Object.hasOwn(VISITORS, key) &&
        (reading.textsOnly !== true || HOLD_TEXTS.has(key))
      )
        VISITORS[key]?.(value, reading);
      visit(value, reading);
    }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function addRangeVar(node: Node, reading: Reading): void {
  const schema = node['schemaname'];
  const name = node['relname'];
  if (typeof name !== 'string') return;
  if (typeof schema !== 'string' && reading.ctes?.has(name) === true) return;
  addRelation(typeof schema === 'string' ? [schema, name] : [name], reading);
}

function addTypeName(node: Node, reading: Reading): void {
  const parts = strings(node['names']);
  if (parts.length > 0) addRelationOrType(parts, reading);
}

/** `'public.english'::regconfig` */
function addCast(node: Node, reading: Reading): void {
  const type = nameTypeOf(strings((node['typeName'] as Node | undefined)?.['names']).at(-1));
  if (type !== null) addNames(type, node['arg'], reading);
}

const SEQUENCE_FUNCTIONS = new Set(['nextval', 'currval', 'setval']);

function addCall(node: Node, reading: Reading): void {
  const parts = strings(node['funcname']);
  const args: unknown[] = Array.isArray(node['args']) ? node['args'] : [];
  const takes = (fn: {
    readonly args: number;
    readonly defaults: number;
    readonly variadic: boolean;
  }): boolean => args.length >= fn.args - fn.defaults && (args.length <= fn.args || fn.variadic);
  if (reading.textsOnly !== true)
    for (const fn of resolveName(parts, reading.names.functions, reading) ?? [])
      if (takes(fn)) reading.found.functions.add(fn.oid);
  const name = parts.at(-1) ?? '';
  for (const { types, ...signature } of reading.names.signatures.get(name) ?? [])
    if (takes(signature)) addArguments(types, args, reading);
  if (name === 'set_config') addSetting(args, reading);
  if (SEQUENCE_FUNCTIONS.has(name) && args.length > 0 && !isConstant(args[0]))
    reading.found.computesSequence = true;
}

function isConstant(node: unknown): boolean {
  const { texts, computed } = textsIn(node);
  return texts.length > 0 && !computed;
}

function addArguments(types: Signature['types'], args: readonly unknown[], reading: Reading): void {
  for (const [index, arg] of args.entries()) {
    const named = (arg as Node)['NamedArgExpr'] as Node | undefined;
    for (const type of named === undefined ? [types[index] ?? null] : types)
      if (type !== null) addNames(type, named?.['arg'] ?? arg, reading);
  }
}

/** `set_config('default_text_search_config', 'public.english', true)` */
function addSetting([name, value]: readonly unknown[], reading: Reading): void {
  if (textsIn(name).texts.includes('default_text_search_config')) addNames('regconfig', value, reading);
}

function addOperator(node: Node, reading: Reading): void {
  const operands = { left: operandOf(node['lexpr']), right: operandOf(node['rexpr']) };
  addOperatorNamed(node['name'], operands, reading);
}

function operandOf(node: unknown): Operand {
  if (typeof node !== 'object' || node === null) return 'none';
  const constant = (node as Node)['A_Const'] as Node | undefined;
  return constant !== undefined && ('ival' in constant || 'fval' in constant) ? 'number' : 'any';
}

function addOperatorNamed(
  name: unknown,
  operands: { readonly left: Operand; readonly right: Operand },
  reading: Reading,
): void {
  const parts = strings(name);
  if (parts.length === 0) return;
  for (const row of findOperators({ parts, operands }, reading.names.operators, reading.path))
    reading.found.operators.add(row);
}

const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function strings(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: Node) => {
    const text = (item['String'] as Node | undefined)?.['sval'];
    return typeof text === 'string' ? [text] : [];
  });
}

import { parseSync } from 'libpg-query';
import {
  addRelation,
  addRelationOrType,
  resolveName,
  splitName,
  type Node,
  type Reading,
} from './body-names.ts';
import { findOperators, type Operand } from './body-operators.ts';

/** Needs libpg-query to be loaded. Marks text that it cannot parse. */
export function readSql(text: string, reading: Reading): void {
  try {
    const parsed = parseSync(text);
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
  A_Expr: addOperator,
  SubLink: (value, reading) => addOperatorNamed(value['operName'], ANY, reading),
  SortBy: (value, reading) => addOperatorNamed(value['useOp'], ANY, reading),
  typeName: addTypeName,
  TypeName: addTypeName,
};

function visit(node: unknown, reading: Reading): void {
  if (Array.isArray(node)) for (const child of node) visit(child, reading);
  else if (isNode(node))
    for (const [key, value] of Object.entries(node)) {
      if (key === 'A_Const') continue;
      if (isNode(value) && Object.hasOwn(VISITORS, key)) VISITORS[key]?.(value, reading);
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

const SEQUENCE_FUNCTIONS = new Set(['nextval', 'currval', 'setval']);

function addCall(node: Node, reading: Reading): void {
  const parts = strings(node['funcname']);
  const args = Array.isArray(node['args']) ? node['args'].length : 0;
  for (const fn of resolveName(parts, reading.names.functions, reading) ?? [])
    if (args >= fn.args - fn.defaults && (args <= fn.args || fn.variadic))
      reading.found.functions.add(fn.oid);
  if (SEQUENCE_FUNCTIONS.has(parts.at(-1) ?? '') && Array.isArray(node['args'])) {
    const text = firstText(node['args'][0]);
    if (text === null) reading.found.computesSequence = true;
    else addRelation(splitName(text), reading);
  }
}

/** The literal inside any casts: `('public.seq'::text)::regclass`. */
function firstText(node: unknown): string | null {
  if (typeof node !== 'object' || node === null) return null;
  const cast = (node as Node)['TypeCast'] as Node | undefined;
  if (cast !== undefined) return firstText(cast['arg']);
  const constant = (node as Node)['A_Const'] as Node | undefined;
  const text = (constant?.['sval'] as Node | undefined)?.['sval'];
  return typeof text === 'string' ? text : null;
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

function strings(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: Node) => {
    const text = (item['String'] as Node | undefined)?.['sval'];
    return typeof text === 'string' ? [text] : [];
  });
}

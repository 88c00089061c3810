import {
  addRelation,
  addRelationOrType,
  resolveName,
  resolveOutsidePath,
  splitName,
  type Node,
  type Reading,
} from './body-names.ts';
import type { NameType } from './name-types.ts';

/** Constant texts in an expression; `computed` when it has other parts too. */
export interface Texts {
  readonly texts: readonly string[];
  readonly computed: boolean;
}

const COMPUTED = new Set(['A_Expr', 'ColumnRef', 'ParamRef', 'FuncCall', 'SubLink']);

/** Every constant text below `node`: the branches of a CASE, the elements of an array, the literal inside casts. */
export function textsIn(node: unknown): Texts {
  const texts: string[] = [];
  let computed = false;
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) for (const child of part) visit(child);
    else if (typeof part === 'object' && part !== null)
      for (const [key, value] of Object.entries(part as Node)) {
        if (COMPUTED.has(key)) computed = true;
        if (key === 'typeName') continue;
        const text = key === 'A_Const' ? textOf(value as Node) : null;
        if (text === null) visit(value);
        else texts.push(text);
      }
  };
  visit(node);
  return { texts, computed };
}

/** The value of a constant node, when it is a text. */
export function textOf(constant: Node): string | null {
  const text = (constant['sval'] as Node | undefined)?.['sval'];
  return typeof text === 'string' ? text : null;
}

/** Adds the objects that the texts of an expression name. */
export function addNames(type: NameType, node: unknown, reading: Reading): void {
  const { texts, computed } = textsIn(node);
  for (const text of texts) addNamed(type, text, reading);
  if (computed || texts.length === 0) reading.found.computes.add(type);
}

/** Adds the object that a text names, as the input function of `type` would find it. */
export function addNamed(type: NameType, text: string, reading: Reading): void {
  ADD[type](text, reading);
}

const inCatalog =
  (catalog: string) =>
  (text: string, reading: Reading): boolean => {
    const map = reading.names.plain.get(catalog) ?? new Map<string, never>();
    const parts = splitName(text);
    const key = resolveName(parts, map, reading) ?? resolveOutsidePath(parts, map);
    if (key !== undefined) reading.found.objects.add(key);
    return key !== undefined;
  };

const addConfiguration = inCatalog('pg_ts_config');
const addDictionary = inCatalog('pg_ts_dict');
const addParser = inCatalog('pg_ts_parser');
export const addCollation = inCatalog('pg_collation');

/** `public.f(integer, text)`: the overloads with as many arguments. */
function addFunction(text: string, reading: Reading): void {
  const [, name = '', args] = /^([^(]*)(?:\((.*)\))?$/s.exec(text.trim()) ?? [];
  const count = args === undefined ? null : args.trim() === '' ? 0 : args.split(',').length;
  for (const fn of resolveName(splitName(name), reading.names.functions, reading) ?? [])
    if (count === null || fn.args === count) reading.found.functions.add(fn.oid);
}

/** `public.+(integer, integer)` */
function addOperator(text: string, reading: Reading): void {
  const [, schema, name = ''] =
    /^(?:((?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*))\s*\.)?\s*([^\s\p{L}(]+)/u.exec(text.trim()) ?? [];
  const [wanted] = schema === undefined ? [] : splitName(schema);
  for (const row of reading.names.operators.userDefined.get(name) ?? [])
    if (wanted === undefined || row.rawSchema === wanted) reading.found.operators.add(row);
}

function addSchema(text: string, reading: Reading): void {
  const [name = ''] = splitName(text);
  const key = reading.names.schemas.get(name);
  if (key !== undefined) reading.found.objects.add(key);
}

function addRole(text: string, { found }: Reading): void {
  const [name] = splitName(text);
  if (name !== undefined && text.trim() !== '-') found.roles.add(name);
}

const ADD: Readonly<Record<NameType, (text: string, reading: Reading) => void>> = {
  regclass: (text, reading) => void addRelation(splitName(text), reading),
  regcollation: addCollation,
  regconfig: addConfiguration,
  regdictionary: addDictionary,
  regnamespace: addSchema,
  regoper: addOperator,
  regoperator: addOperator,
  regproc: addFunction,
  regprocedure: addFunction,
  regrole: addRole,
  regtype: (text, reading) => addRelationOrType(splitName(text.replace(/(\[\d*\]|\(.*\))+$/s, '')), reading),
  parser: addParser,
};

const NAME = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`;
const ONE_NAME = new RegExp(`^\\s*${NAME}(?:\\s*\\.\\s*${NAME})?\\s*$`, 'u');
const QUALIFIED_NAME = new RegExp(`^\\s*${NAME}\\s*\\.\\s*${NAME}\\s*$`, 'u');

/** True for text that can be a name in SQL, with a schema where `qualified`. */
const isName = (text: string, { qualified }: { readonly qualified: boolean }): boolean =>
  (qualified ? QUALIFIED_NAME : ONE_NAME).test(text);

/** Types of computed names for which every text of the body may be one. Tables do not count: a message may mention one. */
const COMPUTED_TYPES: readonly NameType[] = [
  'parser',
  'regcollation',
  'regconfig',
  'regdictionary',
  'regoper',
  'regoperator',
  'regproc',
  'regprocedure',
  'regtype',
];

/**
 * Texts whose use is unknown, such as one that is assigned to a variable first. A qualified one counts as the name of a
 * sequence or of a text search object, and any does where the body computes names of a type.
 */
export function addTextsOfUnknownUse(reading: Reading): void {
  const { texts, computes } = reading.found;
  const types = COMPUTED_TYPES.filter((type) => computes.has(type));
  for (const text of texts) {
    for (const type of types) addNamed(type, text, reading);
    const qualified = isName(text, { qualified: true });
    if (qualified) for (const add of [addConfiguration, addDictionary, addParser]) add(text, reading);
    if (qualified || (computes.has('regclass') && isName(text, { qualified: false })))
      addSequence(splitName(text), reading);
  }
}

/** False when there is no such sequence. */
function addSequence(parts: readonly string[], reading: Reading): boolean {
  const sequence = resolveName(parts, reading.names.sequences, reading);
  if (sequence !== undefined) reading.found.sequences.add(sequence);
  return sequence !== undefined;
}

/**
 * An argument of a trigger, which its function reads as text. A table counts only where the function is known to use
 * names at run time.
 */
export function addTriggerArgument(
  text: string,
  reading: Reading,
  { usesNames }: { readonly usesNames: boolean },
): void {
  if (!isName(text, { qualified: false })) return;
  const isText = [addConfiguration, addDictionary, addParser].some((add) => add(text, reading));
  const parts = splitName(text);
  if (isText || addSequence(parts, reading) || !usesNames) return;
  const relation = resolveName(parts, reading.names.relations, reading);
  if (relation !== undefined) reading.found.relations.add(relation);
}

import { isDeepStrictEqual } from 'node:util';
import { mergeFile, type KeptValue, type MergedFile, type Versions } from './merge-file.ts';

/**
 * Merges a template change into a package.json by its keys, because npm moves lines when it adds a package. Of a value
 * that both sides changed, that of the user is kept and listed: npm cannot read a file with conflict markers. Pure.
 */
export function mergePackage(versions: Versions): MergedFile {
  const { base, user, template } = versions;
  const parsed = [base ?? '{}', user, template].map((text) => (text === null ? null : objectOf(text)));
  const [from, mine, theirs] = parsed;
  if (user === base || !from || !mine || !theirs) return mergeFile(versions);
  const kept: KeptValue[] = [];
  const merged = mergeObjects({ base: from, user: mine, template: theirs }, '', kept);
  const unchanged = isDeepStrictEqual(merged, mine);
  const text = unchanged ? user : textOf(merged, user ?? '');
  if (kept.length > 0) return { outcome: 'conflict', text, kept };
  return { outcome: unchanged ? 'unchanged' : 'merged', text };
}

type JsonObject = Readonly<Record<string, unknown>>;

interface Values<T> {
  readonly base: T;
  readonly user: T;
  readonly template: T;
}

function mergeObjects(values: Values<JsonObject>, pointer: string, kept: KeptValue[]): JsonObject {
  const { base, user, template } = values;
  const present = Object.keys(user);
  const added = Object.keys(template).filter((key) => !Object.hasOwn(user, key));
  const keys = [...present, ...added];
  // npm sorts packages, and nothing else
  if (isDeepStrictEqual(present, sorted(present))) keys.splice(0, keys.length, ...sorted(keys));
  const of = (object: JsonObject, key: string): unknown =>
    Object.hasOwn(object, key) ? object[key] : undefined;
  const entries = keys.map((key): [string, unknown] => {
    const each = { base: of(base, key), user: of(user, key), template: of(template, key) };
    return [key, mergeValue(each, `${pointer}/${key}`, kept)];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** `undefined` stands for a key that does not exist. */
function mergeValue(values: Values<unknown>, pointer: string, kept: KeptValue[]): unknown {
  const { base, user, template } = values;
  if (isDeepStrictEqual(template, base) || isDeepStrictEqual(template, user)) return user;
  if (isDeepStrictEqual(user, base)) return template;
  if (user === undefined || template === undefined) return user;
  if (isObject(user) && isObject(template))
    return mergeObjects({ base: isObject(base) ? base : {}, user, template }, pointer, kept);
  kept.push({ pointer, user, template });
  return user;
}

const sorted = (keys: readonly string[]): string[] => keys.toSorted((a, b) => a.localeCompare(b, 'en'));

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectOf(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** With the indentation and the end of the present text. */
function textOf(value: JsonObject, present: string): string {
  const indent = /^\{\n([ \t]+)/.exec(present)?.[1] ?? '  ';
  return `${JSON.stringify(value, null, indent)}${present.endsWith('\n') ? '\n' : ''}`;
}

import { satisfies } from 'semver';
import type { NpmProject, Overrides } from './read-npm-project.ts';

/** Names of packages, by the folders of a lock file. */
export const nameOf = (folder: string): string => folder.replace(/^.*node_modules\//, '');

/**
 * The rules of the repository's `overrides` that concern an exported app, so that `npm ci` accepts the versions that the
 * rules have put into its lock file. A rule for a direct dependency becomes a reference to it (`$name`), because npm
 * refuses any other.
 *
 * @param folders of the app's lock file
 * @param direct the app's dependencies of all kinds, by name
 */
export function cutOverrides(
  { overrides, declared }: Pick<NpmProject, 'overrides' | 'declared'>,
  folders: Iterable<string>,
  direct: Readonly<Record<string, string>>,
): Overrides {
  const present = new Set([...folders].map(nameOf));
  const valueOf = (rule: string): string => {
    const reference = rule.startsWith('$') ? rule.slice(1) : null;
    if (reference === null || Object.hasOwn(direct, reference)) return rule;
    return declared[reference] ?? rule;
  };
  const cut = (rules: Overrides, isTop: boolean): Overrides =>
    Object.fromEntries(
      Object.entries(rules).flatMap(([key, rule]): readonly (readonly [string, string | Overrides])[] => {
        if (key === '.') return typeof rule === 'string' ? [[key, valueOf(rule)]] : [];
        const { name, range } = partsOf(key);
        if (!present.has(name)) return [];
        const isDirect = isTop && matches(direct[name], range);
        if (typeof rule === 'string') return [[key, isDirect ? `$${name}` : valueOf(rule)]];
        const inner = cut(rule, false);
        if (Object.keys(inner).length === 0) return [];
        return [[key, isDirect && '.' in inner ? { ...inner, '.': `$${name}` } : inner]];
      }),
    );
  return cut(overrides, true);
}

/** `@scope/name@^1.0.0` -> name and range. */
function partsOf(key: string): { readonly name: string; readonly range: string | null } {
  const at = key.indexOf('@', 1);
  return at < 0 ? { name: key, range: null } : { name: key.slice(0, at), range: key.slice(at + 1) };
}

/** Whether a rule applies to a direct dependency. A range applies to registry versions only. */
function matches(spec: string | undefined, range: string | null): boolean {
  if (spec === undefined) return false;
  return range === null || satisfies(spec, range);
}

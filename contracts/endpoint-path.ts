import { parse, stringify, TokenData, type Key, type Text, type Token } from 'path-to-regexp';

/** A part of a path without optional groups. */
export type PathPart = Text | Key;

/** Each optional group doubles the forms of a path. */
const MOST_GROUPS = 6;

/**
 * The forms of a path of Express: `/items{/:id}` has two, the shortest first.
 * @throws Error for a path that Express cannot route, or with too many optional groups.
 */
export function formsOf(path: string): readonly (readonly PathPart[])[] {
  if ((path.match(/\{/g) ?? []).length > MOST_GROUPS)
    throw new Error(`more than ${MOST_GROUPS} optional parts`);
  return expanded(parse(path).tokens);
}

/** Why Express 5 cannot route a path; `null` when it can. */
export function pathProblem(path: string): string | null {
  try {
    formsOf(path);
    return null;
  } catch (error) {
    // path-to-regexp adds the path and an address of its documentation
    return error instanceof Error ? (error.message.split(/[:;] /, 1)[0] ?? '') : String(error);
  }
}

/** The form as a path of Express. */
export const textOf = (parts: readonly PathPart[]): string => stringify(new TokenData([...parts]));

/** Equal for paths that match the same addresses: names of parameters, case and a last slash do not count. */
export const shapeOf = (parts: readonly PathPart[]): string =>
  parts
    .map((part) => (part.type === 'text' ? part.value.toLowerCase() : part.type === 'param' ? '\0' : '\0*'))
    .join('')
    .replace(/(?<=.)\/$/, '');

function expanded(tokens: readonly Token[]): PathPart[][] {
  return tokens.reduce<PathPart[][]>(
    (forms, token) =>
      token.type === 'group'
        ? [...forms, ...expanded(token.tokens).flatMap((inside) => forms.map((form) => [...form, ...inside]))]
        : forms.map((form) => [...form, token]),
    [[]],
  );
}

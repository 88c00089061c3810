import { mistyped } from './seed.ts';

const STATES = ['active', 'beta', 'alpha', 'deprecated'];
const SORTS = ['name', '-name', 'toolId', '-updatedAt', '-createdAt', 'status'];
const VARIATIONS = 120;

/** What people ask of the registry, by the name it is reported under. No two in a row ask the same. */
export function addressesOf(words: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const vary = (address: (i: number, word: string) => string): readonly string[] =>
    Array.from({ length: VARIATIONS }, (_, i) => address(i, words[i % words.length] ?? 'order'));
  return {
    list: vary((i) => `/api/tools?limit=50&sort=${SORTS[i % SORTS.length] ?? ''}`),
    filter: vary((i) => `/api/tools?status=${STATES[i % 4] ?? ''}&owner=team-${i % 40}&exported=false`),
    'filter by word': vary((i, word) => `/api/tools?q=${word}&status=${STATES[i % 4] ?? ''}`),
    search: vary((i, word) => `/api/tools/search?q=${i % 2 === 0 ? word : word.slice(0, 4)}`),
    'search, mistyped': vary((_, word) => `/api/tools/search?q=${mistyped(word)}`),
    facets: vary((i) => `/api/tools?limit=20&facets=true${i % 3 === 0 ? '' : `&owner=team-${i % 40}`}`),
  };
}

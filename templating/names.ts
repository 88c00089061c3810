/** Splits `inventoryItem`, `inventory-item`, `Inventory item` and `inventory_item` into lower-case words. */
export function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

/** `inventoryItem` */
export const camelCase = (name: string): string =>
  words(name)
    .map((word, i) => (i === 0 ? word : capital(word)))
    .join('');
/** `InventoryItem` */
export const pascalCase = (name: string): string => words(name).map(capital).join('');
/** `inventory-item` */
export const kebabCase = (name: string): string => words(name).join('-');
/** `inventory_item` */
export const snakeCase = (name: string): string => words(name).join('_');
/** `Inventory Item`, as a heading. */
export const titleCase = (name: string): string => words(name).map(capital).join(' ');

/** The plural of an English noun's last word, in the case it came in. Not right for every noun, but reversible. */
export function plural(name: string): string {
  const irregular = IRREGULAR.find(([one]) => endsWithWord(name, one));
  if (irregular !== undefined) return name.slice(0, -irregular[0].length) + matchCase(name, irregular);
  if (/(s|x|z|ch|sh)$/i.test(name)) return `${name}es`;
  if (/[^aeiou]y$/i.test(name)) return `${name.slice(0, -1)}ies`;
  return `${name}s`;
}

/** The singular of an English noun's last word; a word that is not a plural comes back as it is. */
export function singular(name: string): string {
  const irregular = IRREGULAR.find(([, many]) => endsWithWord(name, many));
  if (irregular !== undefined) return name.slice(0, -irregular[1].length) + irregular[0];
  if (/[^aeiou]ies$/i.test(name) && name.length > 4) return `${name.slice(0, -3)}y`;
  if (/(ss|x|zz|ch|sh)es$/i.test(name)) return name.slice(0, -2);
  if (/(ss|us|is|news)$/i.test(name)) return name;
  return /[^s]s$/i.test(name) ? name.slice(0, -1) : name;
}

const IRREGULAR: readonly (readonly [string, string])[] = [
  ['person', 'people'],
  ['child', 'children'],
  ['man', 'men'],
  ['status', 'statuses'],
  ['address', 'addresses'],
  ['bus', 'buses'],
  ['news', 'news'],
  ['series', 'series'],
  ['analysis', 'analyses'],
  ['data', 'data'],
  ['datum', 'data'],
  ['staff', 'staff'],
  ['equipment', 'equipment'],
  ['feedback', 'feedback'],
];

function endsWithWord(name: string, word: string): boolean {
  const start = name.length - word.length;
  if (start < 0 || name.slice(start).toLowerCase() !== word) return false;
  return start === 0 || /[^A-Za-z]/.test(name.charAt(start - 1)) || /[A-Z]/.test(name.charAt(start));
}

function matchCase(name: string, [one, many]: readonly [string, string]): string {
  return name.at(-one.length) === one.charAt(0).toUpperCase() ? capital(many) : many;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

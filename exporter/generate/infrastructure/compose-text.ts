import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, parseDocument, type Document, type Pair, type YAMLMap } from 'yaml';
import { PlatformError } from '../../../contracts/errors.ts';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';

/** Top-level parts of a compose file that an export adds to. */
export const COMPOSE_SECTIONS = ['services', 'volumes', 'networks', 'secrets'] as const;
export type ComposeSection = (typeof COMPOSE_SECTIONS)[number];

/** What one tool adds: YAML text by section, its keys at column 0, ending in a newline. */
export type ComposeEntry = Readonly<Record<ComposeSection, string>>;

/** Stands above a section that the file did not have. */
const MADE_HERE = '# Made by the first export that needed it';

/**
 * The file with the tool's entry added. Every byte that was there stays, in its order.
 * @throws PlatformError when the file cannot take the entry; the message names the line.
 */
export function addComposeEntry(text: string, toolId: string, entry: ComposeEntry): string {
  return inItsLineEnds(text, (plain) => addEntry(plain, toolId, entry));
}

function addEntry(text: string, toolId: string, entry: ComposeEntry): string {
  const { document, end } = splitAtEnd(text);
  const parsed = parse(document);
  const expected = merged(parsed, entry);
  const ended = document === '' || document.endsWith('\n') ? document : `${document}\n`;
  const added = COMPOSE_SECTIONS.filter((section) => entry[section] !== '');
  const extended = added
    .flatMap((section) => placeIn(ended, section, findSection(parsed, section)))
    .sort((one, other) => other.offset - one.offset) // from the end, so that each offset stays right
    .reduce((edited, place) => addBlock(edited, toolId, place, entry[place.section]), ended);
  const result = added
    .filter((section) => findSection(parsed, section) === null)
    .reduce((edited, section) => {
      const headed = `${edited}\n${MADE_HERE}\n${section}:\n`;
      return addBlock(headed, toolId, { section, offset: headed.length, indent: '  ' }, entry[section]);
    }, extended);
  // A second opinion on our own edit: the file means what it meant, plus the entry, and nothing else
  if (!isDeepStrictEqual(meaningAfterEdit(result), expected)) throw notExtendable();
  return result + end;
}

const notExtendable = (): PlatformError =>
  new PlatformError(
    'step-failed',
    `${COMPOSE_FILE}: ${COMPOSE_SECTIONS.join(', ')} must be blocks of names, each on a line of its own. Rewrite them like that.`,
  );

/** The document, and what follows from its end mark `...` on: comments at most. */
function splitAtEnd(text: string): { readonly document: string; readonly end: string } {
  const at = /^\.\.\.(?=\s|$)/m.exec(text)?.index ?? text.length;
  const end = text.slice(at);
  const second = end
    .split('\n')
    .slice(1)
    .findIndex((line) => !/^\s*(#|$)/.test(line));
  if (second >= 0) throw severalDocuments(lineAt(text, at) + second + 1);
  return { document: text.slice(0, at), end };
}

const severalDocuments = (line: number): PlatformError =>
  new PlatformError(
    'step-failed',
    `${COMPOSE_FILE}:${line}: a second YAML document begins here. Keep one document in the file.`,
  );

/** `null` when the text is not even YAML. */
function meaningAfterEdit(text: string): unknown {
  try {
    return meaningOf(parse(text));
  } catch {
    return null;
  }
}

/** Whether the tool's entry is in the file. */
export function hasComposeEntry(text: string, toolId: string): boolean {
  return text.split('\n').some((line) => line.trim() === `# ${beginMark(toolId)}`);
}

/** The tool's entry as it is in the file: a compose file of its own; `''` when there is none. */
export function readComposeEntry(text: string, toolId: string): string {
  const found: string[] = [];
  let section = '';
  let inside = false;
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    section = /^([a-z]+):\s*$/.exec(line)?.[1] ?? section;
    if (line.trim() === `# ${beginMark(toolId)}`) {
      inside = true;
      found.push(`${section}:`);
    }
    if (inside) found.push(line);
    if (line.trim() === `# ${endMark(toolId)}`) inside = false;
  }
  return found.map((line) => `${line}\n`).join('');
}

/** The file without what {@link addComposeEntry} has added for this tool; everything else stays as it is. */
export function removeComposeEntry(text: string, toolId: string): string {
  return inItsLineEnds(text, (plain) => removeEntry(plain, toolId));
}

function removeEntry(text: string, toolId: string): string {
  const lines = text.split(/(?<=\n)/);
  const kept: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (line.trim() !== `# ${beginMark(toolId)}`) {
      kept.push(line);
      continue;
    }
    const end = lines.findIndex((other, at) => at > i && other.trim() === `# ${endMark(toolId)}`);
    if (end === -1)
      throw new PlatformError(
        'step-failed',
        `${COMPOSE_FILE}:${i + 1}: the line "# ${endMark(toolId)}" is missing, so the end of the entry is unknown. Remove the entry by hand.`,
      );
    i = end;
    // The empty line that came with the block; the first below a heading has none, but makes one for the next
    if (kept.at(-1) === '\n' && isBlank(kept.slice(0, -1).join(''))) kept.pop();
    else if (lines[i + 1] === '\n' && lines[i + 2]?.trim().startsWith('# >>> ') === true) i += 1;
  }
  return withoutEmptySections(kept.join(''));
}

/** A file whose lines all end as on Windows is edited as if they did not, and ends them so again. */
function inItsLineEnds(text: string, edit: (plain: string) => string): string {
  const foreign = text.includes('\r\n') && !/(^|[^\r])\n/.test(text);
  return foreign ? edit(text.replaceAll('\r\n', '\n')).replaceAll('\n', '\r\n') : edit(text);
}

/** A heading that an export has made goes with the last entry below it. */
function withoutEmptySections(text: string): string {
  return COMPOSE_SECTIONS.reduce(
    (left, section) => left.replace(new RegExp(`\\n${MADE_HERE}\\n${section}:\\n(?![ ])`), ''),
    text,
  );
}

const beginMark = (toolId: string): string => `>>> ${toolId}: added by its export, removed by its rollback`;
const endMark = (toolId: string): string => `<<< ${toolId}`;

/** Where a block of a section belongs. */
interface Place {
  readonly section: ComposeSection;
  readonly offset: number;
  readonly indent: string;
}

function addBlock(text: string, toolId: string, { section, offset, indent }: Place, block: string): string {
  const lines = [`# ${beginMark(toolId)}`, ...block.trimEnd().split('\n'), `# ${endMark(toolId)}`];
  const indented = lines.map((line) => (line === '' ? '' : indent + line)).join('\n');
  const head = text.slice(0, offset);
  const separator = head.endsWith(`${section}:\n`) || !isBlank(head) ? '' : '\n';
  return `${head}${separator}${indented}\n${text.slice(offset)}`;
}

/** Header of a block scalar that keeps its line breaks; other text may look like it. */
const KEEPS_LINE_BREAKS = /[|>]\d?\+/;

/** Whether an empty line behind `head` means nothing. It is text behind a scalar that keeps its line breaks (`|+`). */
function isBlank(head: string): boolean {
  if (!KEEPS_LINE_BREAKS.test(head)) return true;
  return isDeepStrictEqual(meaningAfterEdit(head), meaningAfterEdit(`${head}\n`));
}

/** Where the section's next entry belongs: behind its last one, and behind the comments that belong to that. */
function placeIn(text: string, section: ComposeSection, pair: Pair | null): readonly Place[] {
  if (pair === null) return [];
  const { value } = pair;
  if (value === null || (isScalar(value) && value.value === null)) {
    const key = isScalar(pair.key) ? (pair.key.range?.[1] ?? 0) : 0;
    return [{ section, offset: endOfLine(text, key), indent: '  ' }];
  }
  if (!isMap(value) || value.flow === true || value.items.length === 0)
    throw new PlatformError(
      'step-failed',
      `${COMPOSE_FILE}:${lineOf(text, pair)}: "${section}" must be a block of names, each on a line of its own. Rewrite it like that.`,
    );
  const last = value.items.at(-1);
  const first = value.items[0];
  if (last === undefined || first === undefined) throw new Error('a map with items has a first and a last');
  const start = startOf(first);
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  let offset = endOfLine(text, Math.max(endOf(last), 1) - 1);
  for (;;) {
    const line = text.slice(offset, endOfLine(text, offset));
    if (!new RegExp(`^${indent}(\\s+#|# <<< )`).test(line)) return [{ section, offset, indent }];
    offset += line.length;
  }
}

function endOf(pair: Pair): number {
  const node = (pair.value ?? pair.key) as { range?: readonly [number, number, number] | null };
  const start = startOf(pair);
  return Math.max(node.range?.[1] ?? start, start + 1);
}

function startOf(pair: Pair): number {
  return (pair.key as { range?: readonly [number, number, number] | null }).range?.[0] ?? 0;
}

function endOfLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  return newline === -1 ? text.length : newline + 1;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const lineOf = (text: string, pair: Pair): number => lineAt(text, startOf(pair));

function findSection(document: Document.Parsed, section: ComposeSection): Pair | null {
  if (!isMap(document.contents)) {
    if (document.contents === null) return null;
    throw new PlatformError('step-failed', `${COMPOSE_FILE}:1: must be a map with "services". Correct it.`);
  }
  return (document.contents as YAMLMap).items.find((p) => isScalar(p.key) && p.key.value === section) ?? null;
}

function parse(text: string): Document.Parsed {
  const document = parseDocument(text, { merge: true });
  const [error] = document.errors;
  if (error === undefined) return document;
  if (error.code === 'MULTIPLE_DOCS') throw severalDocuments(error.linePos?.[0].line ?? 1);
  throw new PlatformError(
    'step-failed',
    `${COMPOSE_FILE}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0] ?? 'is not YAML'} Correct it.`,
  );
}

/** @throws PlatformError also for an alias without its anchor. */
function meaningOf(document: Document.Parsed): unknown {
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PlatformError('step-failed', `${COMPOSE_FILE}: ${reason}. Correct it.`, { cause });
  }
}

/** What the file has to mean once the entry is in. */
function merged(document: Document.Parsed, entry: ComposeEntry): Record<string, unknown> {
  const expected = { ...(meaningOf(document) as Record<string, unknown> | null) };
  for (const section of COMPOSE_SECTIONS) {
    if (entry[section] === '') continue;
    const added = meaningOf(parse(entry[section])) as Record<string, unknown>;
    const there = expected[section] ?? {};
    if (typeof there !== 'object')
      throw new PlatformError(
        'step-failed',
        `${COMPOSE_FILE}: "${section}" must be a block of names, each on a line of its own. Rewrite it like that.`,
      );
    const taken = Object.keys(added).find((name) => name in there);
    if (taken !== undefined)
      throw new PlatformError(
        'target-exists',
        `${COMPOSE_FILE}: ${section} has "${taken}" already. Remove it, or roll the earlier export back.`,
      );
    expected[section] = { ...there, ...added };
  }
  return expected;
}

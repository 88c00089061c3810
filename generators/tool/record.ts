import { createHash } from 'node:crypto';
import type { Kind } from '../add/kinds.ts';
import { formatSource } from '../../templating/format.ts';
import { loadTemplate } from '../../templating/render.ts';
import { readText } from '../write/journal.ts';
import type { Answers, ResourceAnswer } from './answers.ts';
import { packBase, readRecordFile, RECORD_FILE, unpackBase, type RenderedFile } from '../packed-base.ts';
import { FILES } from './files.ts';

/** The state of the tool at an addition, so that the addition can be replayed exactly. */
export interface AdditionPlace {
  readonly readPermission: string;
  readonly writePermission: string;
  /** First table of the tool; `null` without tables. */
  readonly table: string | null;
  /** The next number at that time: `003`. */
  readonly migration: string;
  readonly seed: string;
}

/** An addition made by `plop`. */
export interface Addition {
  readonly kind: Kind;
  /** As it was typed. */
  readonly name: string;
  /** The parsed `name` when the kind is `resource`. */
  readonly resource?: ResourceAnswer;
  readonly place: AdditionPlace;
}

/**
 * The scaffold record in `tools/<id>/.scaffold.json`: the base of the three-way merge when templates change and
 * files were edited.
 */
export interface ScaffoldRecord {
  /** Digest of the templates used. */
  readonly template: string;
  readonly answers: Answers;
  /** In the order of creation. */
  readonly additions: readonly Addition[];
  /** The files as the templates wrote them, additions included. */
  readonly base: readonly RenderedFile[];
}

/** Identifies the templates with their overrides; changes with any of them. */
export function templateVersion(root: string): string {
  const hash = createHash('sha256');
  for (const { source } of FILES)
    hash
      .update(source)
      .update('\0')
      .update(loadTemplate(`tool/${source}.ejs`, root).text);
  for (const partial of PARTIALS) hash.update(loadTemplate(partial, root).text);
  return hash.digest('hex').slice(0, 16);
}

/** Templates that others include. */
const PARTIALS = [
  'tool/database/migrations/table.sql.ejs',
  'tool/database/migrations/references.sql.ejs',
  'tool/database/seeds/rows.sql.ejs',
] as const;

/** The record of a tool, or `null` when it was not scaffolded here. */
export const readRecord = (root: string, toolId: string): ScaffoldRecord | null =>
  readRecordFile(root, `tools/${toolId}/${RECORD_FILE}`, parseRecord);

/** The text of the record; unchanged when the current one is equal. */
export async function recordText(unordered: ScaffoldRecord, root: string): Promise<string> {
  const base = unordered.base.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const { template, answers, additions } = unordered;
  const record: ScaffoldRecord = { template, answers, additions, base };
  const file = `tools/${record.answers.id}/${RECORD_FILE}`;
  const present = readText(root, file);
  if (present !== null && JSON.stringify(parseRecord(present)) === JSON.stringify(record)) return present;
  const made = additions.length === 0 ? { template, answers } : { template, answers, additions };
  const content = { ...made, base: packBase(record.base) };
  return formatSource(JSON.stringify(content, null, 2), file, root);
}

function parseRecord(text: string): ScaffoldRecord {
  const { template, answers, additions, base } = JSON.parse(text) as {
    template: string;
    answers: Answers;
    additions?: readonly Addition[];
    base: string;
  };
  return { template, answers, additions: additions ?? [], base: unpackBase(base) };
}

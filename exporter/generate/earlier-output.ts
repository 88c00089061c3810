import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { merge } from 'node-diff3';
import type { Finding, StepId } from '../../contracts/plan.ts';
import { isBinary } from '../core/file-content.ts';
import type { FilesPort } from '../core/ports.ts';
import {
  parseProvenance,
  PROVENANCE_FILE,
  provenanceJson,
  sha256,
  type Provenance,
} from '../core/provenance.ts';
import { readTexts } from './read-texts.ts';

type Files = Readonly<Record<string, string>>;

export interface EarlierOutput {
  /** Whether something stands in the folder. */
  readonly exists: boolean;
  /** What the folder holds, by path below it; `null` when the export may not replace it. */
  readonly before: Files | null;
  /** What it shall hold: what was generated, or that with the edits merged in. */
  readonly files: Files;
  readonly findings: readonly Finding[];
}

export interface EarlierOutputRequest {
  readonly root: string;
  readonly files: Pick<FilesPort, 'list'>;
  /** Folder of the exported app, such as `apps/crm-api`. */
  readonly folder: string;
  readonly step: StepId;
  /** What the export generates now. */
  readonly generated: Files;
  /** Merge what was edited by hand, three-way, instead of refusing. */
  readonly keepEdits: boolean;
}

/**
 * Looks at what an earlier export has left in the folder. Untouched output is replaced. Output that was edited by
 * hand is refused with a list, or, with `keepEdits`, merged: what was generated then (found in git by its checksum),
 * what stands there now, what is generated now. Something that no export has made is never replaced.
 */
export async function readEarlierOutput(request: EarlierOutputRequest): Promise<EarlierOutput> {
  const { root, folder, generated, files } = request;
  if (!(await exists(path.join(root, folder))))
    return { exists: false, before: null, files: generated, findings: [] };
  const before = await readTexts(path.join(root, folder), await files.list(folder));
  const provenance = parseProvenance(before[PROVENANCE_FILE] ?? '');
  if (provenance === null)
    return { exists: true, before: null, files: generated, findings: [notOurs(request)] };
  const edited = editedFiles(before, provenance);
  if (edited.length === 0) return { exists: true, before, files: generated, findings: [] };
  if (!request.keepEdits)
    return {
      exists: true,
      before: null,
      files: generated,
      findings: edited.map((file) => handEdited(request, file)),
    };
  return mergeEdits(request, before, provenance, edited);
}

/** Changed, added or deleted since the export, sorted. */
function editedFiles(before: Files, provenance: Provenance): readonly string[] {
  const all = new Set([...Object.keys(before), ...Object.keys(provenance.files)]);
  all.delete(PROVENANCE_FILE);
  return [...all]
    .filter((file) => before[file] === undefined || sha256(before[file]) !== provenance.files[file])
    .sort();
}

async function mergeEdits(
  request: EarlierOutputRequest,
  before: Files,
  provenance: Provenance,
  edited: readonly string[],
): Promise<EarlierOutput> {
  const { generated } = request;
  const files = new Map(Object.entries(generated));
  const findings: Finding[] = [];
  const bases: Record<string, string> = {};
  for (const file of edited) {
    const merged = await mergeFile(request, file, before[file], provenance);
    if (merged.kind === 'deleted') files.delete(file);
    else if (merged.kind === 'conflict') findings.push(notMerged(request, file, merged.line));
    else files.set(file, merged.text);
    const next = generated[file];
    if (next !== undefined && before[file] !== next) bases[file] = next;
  }
  const current = parseProvenance(generated[PROVENANCE_FILE] ?? '');
  if (current !== null) files.set(PROVENANCE_FILE, provenanceJson({ ...current, generated: bases }));
  return {
    exists: true,
    before: findings.length > 0 ? null : before,
    files: Object.fromEntries(files),
    findings,
  };
}

type MergedFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'deleted' }
  /** `line`: of the first conflict; `null` for a file that is binary or has no base. */
  | { readonly kind: 'conflict'; readonly line: number | null };

/** @param mine the edited file; `undefined`: deleted by hand */
async function mergeFile(
  { root, folder, generated }: EarlierOutputRequest,
  file: string,
  mine: string | undefined,
  provenance: Provenance,
): Promise<MergedFile> {
  const recorded = provenance.files[file];
  const next = generated[file];
  if (mine === undefined) return { kind: 'deleted' };
  // A file that was added by hand, or of which the export generates the same as before
  if (next === undefined || sha256(next) === recorded) return { kind: 'text', text: mine };
  const base =
    provenance.generated?.[file] ??
    (recorded === undefined ? '' : await findInHistory(root, `${folder}/${file}`, recorded));
  const merged = base === null ? null : mergeTexts(mine, base, next);
  return typeof merged === 'string' ? { kind: 'text', text: merged } : { kind: 'conflict', line: merged };
}

/** The merged text, or the line (of the file as it stands) of the first conflict. */
function mergeTexts(mine: string, base: string, next: string): string | number | null {
  if (isBinary(mine) || isBinary(next)) return null;
  const { conflict, result } = merge(mine.split('\n'), base.split('\n'), next.split('\n'));
  return conflict ? result.findIndex((line) => line.startsWith('<<<<<<<')) + 1 : result.join('\n');
}

const exec = promisify(execFile);

/** A file as it was once committed, known by its checksum; `null` when no commit has it. */
async function findInHistory(root: string, file: string, checksum: string): Promise<string | null> {
  const git = async (...args: string[]): Promise<string> =>
    (await exec('git', ['--no-optional-locks', '-C', root, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout;
  const commits = await git('log', '--format=%H', '--', file).catch(() => '');
  for (const commit of commits.split('\n').filter((line) => line !== '')) {
    const text = await git('show', `${commit}:${file}`).catch(() => null);
    if (text !== null && sha256(text) === checksum) return text;
  }
  return null;
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

const notOurs = ({ folder, step }: EarlierOutputRequest): Finding => ({
  code: 'target-exists',
  severity: 'error',
  step,
  file: folder,
  message: `${folder}/ exists and no export has made it: there is no ${PROVENANCE_FILE} in it.`,
  remedy: 'Move it away, then try again.',
});

const handEdited = ({ folder, step }: EarlierOutputRequest, file: string): Finding => ({
  code: 'output-edited',
  severity: 'error',
  step,
  file: `${folder}/${file}`,
  message: `${folder}/${file} was changed by hand since it was exported, and the export would overwrite it.`,
  remedy: 'Export with --keep-edits to merge the change, or move the folder away.',
});

const notMerged = ({ folder, step }: EarlierOutputRequest, file: string, line: number | null): Finding => ({
  ...handEdited({ folder, step } as EarlierOutputRequest, file),
  ...(line === null ? {} : { line }),
  message:
    line === null
      ? `${folder}/${file} cannot be merged: it is no text, or no commit holds it as it was exported.`
      : `${folder}/${file} cannot be merged: the export changes the same lines.`,
  remedy: 'Put your change into the tool itself and take it back here, then try again.',
});

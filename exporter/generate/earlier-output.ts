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
  /** Whether the folder exists. */
  readonly exists: boolean;
  /** Current content of the folder, by path; `null` when the export must not replace it. */
  readonly before: Files | null;
  /** New content of the folder: the generated files, with manual edits merged in. */
  readonly files: Files;
  readonly findings: readonly Finding[];
}

export interface EarlierOutputRequest {
  readonly root: string;
  readonly files: Pick<FilesPort, 'list' | 'readText'>;
  /** Folder of the exported app, such as `apps/crm-api`. */
  readonly folder: string;
  readonly step: StepId;
  /** Output of this export. */
  readonly generated: Files;
  /** Merge manual edits three-way instead of refusing. */
  readonly keepEdits: boolean;
}

/**
 * Compares the folder with the output of an earlier export. Unedited output is replaced. Manual edits are refused
 * with a list of files or, with `keepEdits`, merged three-way; the base is found in git by its checksum. A folder
 * that no export created is never replaced.
 */
export async function readEarlierOutput(request: EarlierOutputRequest): Promise<EarlierOutput> {
  const { root, folder, generated, files } = request;
  if (!(await exists(path.join(root, folder))))
    return { exists: false, before: null, files: generated, findings: [] };
  const before = await readTexts(files, folder, await files.list(folder));
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

/** Files changed, added or deleted since the export, sorted. */
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

/** @param mine the edited file; `undefined`: deleted by hand and stays deleted */
async function mergeFile(
  { root, folder, generated }: EarlierOutputRequest,
  file: string,
  mine: string | undefined,
  provenance: Provenance,
): Promise<MergedFile> {
  const recorded = provenance.files[file];
  const next = generated[file];
  if (mine === undefined) return { kind: 'deleted' };
  // Added by hand, or generated exactly as before
  if (next === undefined || sha256(next) === recorded) return { kind: 'text', text: mine };
  const base =
    provenance.generated?.[file] ??
    (recorded === undefined ? '' : await findInHistory(root, `${folder}/${file}`, recorded));
  const merged = base === null ? null : mergeTexts(mine, base, next);
  return typeof merged === 'string' ? { kind: 'text', text: merged } : { kind: 'conflict', line: merged };
}

/** The merged text, or the line of the first conflict in the edited file; `null` for binary files. */
function mergeTexts(mine: string, base: string, next: string): string | number | null {
  if (isBinary(mine) || isBinary(next)) return null;
  const { conflict, result } = merge(mine.split('\n'), base.split('\n'), next.split('\n'));
  return conflict ? result.findIndex((line) => line.startsWith('<<<<<<<')) + 1 : result.join('\n');
}

const exec = promisify(execFile);

/** The committed version of a file with this checksum; `null` when no commit has it. */
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
  message: `${folder}/ exists but was not created by an export: it has no valid ${PROVENANCE_FILE}.`,
  remedy: 'Move the folder away, then run the export again.',
});

const handEdited = ({ folder, step }: EarlierOutputRequest, file: string): Finding => ({
  code: 'output-edited',
  severity: 'error',
  step,
  file: `${folder}/${file}`,
  message: `${folder}/${file} was edited since the last export, and this export would overwrite it.`,
  remedy: 'Export with --keep-edits to merge the edits, or move the folder away.',
});

const notMerged = ({ folder, step }: EarlierOutputRequest, file: string, line: number | null): Finding => ({
  ...handEdited({ folder, step } as EarlierOutputRequest, file),
  ...(line === null ? {} : { line }),
  message:
    line === null
      ? `${folder}/${file} cannot be merged: it is binary, or no commit contains its exported version.`
      : `${folder}/${file} cannot be merged: the export changes the same lines.`,
  remedy: 'Make the change in the tool, revert it here, then run the export again.',
});

import { parseManifest, ManifestError, type Manifest } from '../../contracts/manifest.ts';
import { TemplateError } from '../../templating/render.ts';
import { RECORD_FILE } from '../packed-base.ts';
import { editedFiles, refuseToOverwrite } from '../write/conflicts.ts';
import { readText, type FileChange } from '../write/journal.ts';
import { withLineEndsOf } from '../write/line-ends.ts';
import type { Answers } from './answers.ts';
import { assertRoomFor } from './preconditions.ts';
import { readRecord, recordText, templateVersion } from './record.ts';
import { renderScaffold } from './render-scaffold.ts';

/** A planned scaffold, not yet written. */
export interface Scaffold {
  readonly answers: Answers;
  readonly manifest: Manifest;
  /** Every file of the tool with its current text on disk; paths relative to the repository. */
  readonly files: readonly FileChange[];
}

/**
 * Plans every file of a tool with its additions. Reads only.
 * @throws PlatformError `target-exists` when folder or tables are in use; TemplateError naming file and line
 */
export async function planScaffold(
  answers: Answers,
  root: string,
  options: { force: boolean },
): Promise<Scaffold> {
  assertRoomFor(answers, root, options);
  const additions = readRecord(root, answers.id)?.additions ?? [];
  const rendered = await renderScaffold(answers, additions, root);
  const template = templateVersion(root);
  const record = await recordText({ template, answers, additions, base: rendered }, root);
  const model = readText(root, `tools/${answers.id}/manifest.json`);
  const files = [...rendered, { path: RECORD_FILE, content: record }].map(({ path, content }) => {
    const file = `tools/${answers.id}/${path}`;
    const before = readText(root, file);
    return { path: file, before, after: withLineEndsOf(before, content, { model }) };
  });
  return { answers, manifest: manifestOf(rendered), files };
}

function manifestOf(rendered: readonly { path: string; content: string }[]): Manifest {
  const text = rendered.find((file) => file.path === 'manifest.json')?.content ?? '';
  try {
    return parseManifest(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof ManifestError) && !(error instanceof SyntaxError)) throw error;
    throw new TemplateError(
      'templates/tool/manifest.json.ejs',
      1,
      `renders an invalid manifest: ${error.message}`,
    );
  }
}

/** Files edited by the user: they exist, and differ from the rendered text. */
export const conflictsOf = ({ files, answers }: Scaffold): readonly string[] =>
  editedFiles(files, `tools/${answers.id}/${RECORD_FILE}`);

/** @throws PlatformError `target-exists` naming every file that would be overwritten */
export function refuseConflicts(scaffold: Scaffold): void {
  refuseToOverwrite(
    conflictsOf(scaffold),
    `Add --force to overwrite them, or run: npx gulp scaffold:update --tool-id=${scaffold.answers.id}`,
  );
}

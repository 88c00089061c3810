import { PlatformError } from '../../contracts/errors.ts';
import { parseManifest, ManifestError, type Manifest } from '../../contracts/manifest.ts';
import { TemplateError } from '../../templating/render.ts';
import { readText, type FileChange } from '../write/journal.ts';
import { withLineEndsOf } from '../write/line-ends.ts';
import type { Answers } from './answers.ts';
import { assertRoomFor } from './preconditions.ts';
import { readRecord, RECORD_FILE, recordText, templateVersion } from './record.ts';
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
export function conflictsOf(scaffold: Scaffold): readonly string[] {
  return scaffold.files
    .filter(
      (file) => file.before !== null && file.before !== file.after && !file.path.endsWith(`/${RECORD_FILE}`),
    )
    .map((file) => file.path);
}

/** @throws PlatformError `target-exists` naming every file that would be overwritten */
export function refuseConflicts(scaffold: Scaffold): void {
  const conflicts = conflictsOf(scaffold);
  if (conflicts.length === 0) return;
  throw new PlatformError(
    'target-exists',
    `These files were edited and would be overwritten:\n${conflicts.map((file) => `  ${file}`).join('\n')}\n` +
      `Add --force to overwrite them, or run: npx gulp scaffold:update --tool-id=${scaffold.answers.id}`,
  );
}

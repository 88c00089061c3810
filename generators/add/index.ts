import type { Manifest } from '../../contracts/manifest.ts';
import { readManifest } from '../commands/register.ts';
import { registerManifest, type Registration } from '../registration.ts';
import { assertRoomFor } from '../tool/preconditions.ts';
import { RECORD_FILE } from '../packed-base.ts';
import { recordText, type Addition as RecordedAddition } from '../tool/record.ts';
import { readText, recoverWrites, writeAll, type FileChange } from '../write/journal.ts';
import { withLineEndsOf } from '../write/line-ends.ts';
import { answersWith, lastOf } from './add-resource.ts';
import { draftOf } from './draft-of.ts';
import type { Kind } from './kinds.ts';
import { recordWith } from './replay.ts';
import { openTool, type OpenTool } from './tool-folder.ts';

export { KINDS, type Kind } from './kinds.ts';

export interface Addition {
  readonly manifest: Manifest;
  readonly changes: readonly FileChange[];
  /** Whether the manifest changes, so that the registry must be updated. */
  readonly declares: boolean;
}

/**
 * Plans an addition to a tool: its files, its test and its wiring. Reads only.
 * @throws PlatformError when the tool does not exist, the part exists, or an anchor for its wiring is missing
 */
export async function planAddition(input: {
  root: string;
  toolId: string;
  kind: Kind;
  name: string;
}): Promise<Addition> {
  const { root, toolId, kind, name } = input;
  const tool = openTool(root, toolId);
  const resource = kind === 'resource' ? answersWith(tool, name) : null;
  if (resource !== null) assertRoomFor(resource, root, { force: true });
  const draft = await draftOf(kind, tool, name);
  const changes = await draft.changes();
  const recorded = { kind, name, ...(resource && { resource: lastOf(resource) }), place: tool.place };
  return {
    manifest: tool.manifest,
    changes: inLineEnds([...changes, ...(await recordChange(tool, recorded, changes))], root, toolId),
    declares: changes.some((c) => c.path.endsWith('/manifest.json')),
  };
}

/** The changes with the texts on disk, and their line ends. New files take those of the manifest. */
function inLineEnds(changes: readonly FileChange[], root: string, toolId: string): readonly FileChange[] {
  const model = readText(root, `tools/${toolId}/manifest.json`);
  return changes.map(({ path, after }) => {
    const before = readText(root, path);
    return { path, before, after: after === null ? null : withLineEndsOf(before, after, { model }) };
  });
}

/** The change of the scaffold record; none for a tool that was not scaffolded. */
async function recordChange(
  { root, id, record }: OpenTool,
  addition: RecordedAddition,
  changes: readonly FileChange[],
): Promise<FileChange[]> {
  if (record === null) return [];
  const path = `tools/${id}/${RECORD_FILE}`;
  const after = await recordText(await recordWith(record, { root, addition, changes }), root);
  return [{ path, before: readText(root, path), after }];
}

/** Writes an addition atomically. */
export function writeAddition(root: string, addition: Addition): void {
  writeAll(root, addition.changes);
}

/** Updates the registry after an addition; `null` when the manifest has not changed. */
export async function announceAddition(root: string, addition: Addition): Promise<Registration | null> {
  if (!addition.declares) return null;
  return registerManifest(readManifest(root, addition.manifest.id), root);
}

export { recoverWrites };

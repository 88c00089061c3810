import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseFlags } from '../../contracts/command-line.ts';
import { PlatformError } from '../../contracts/errors.ts';
import type { CommandReport } from '../../contracts/job.ts';
import type { Finding } from '../../contracts/plan.ts';
import { findWorkspace } from '../../templating/roots.ts';
import { toolFolders } from '../../templating/tool-folders.ts';
import { missingTool } from '../missing-tool.ts';
import { RECORD_FILE } from '../packed-base.ts';
import type { KeptValue, Outcome } from '../update/merge-file.ts';
import type { FileUpdate, ScaffoldUpdate } from '../update/plan-merge.ts';
import { planUpdate } from '../update/plan-update.ts';
import { recoverWrites, writeAll } from '../write/journal.ts';
import { unifiedDiff } from '../write/unified-diff.ts';
import { UPDATE_FLAGS } from './flags.ts';
import { done } from './outcome.ts';

/**
 * `gulp scaffold:update`: merges template changes into existing tools, and into the files of a generated workspace, by
 * three-way merge. Exit code 5 when there are conflicts: marked as by git, but listed for a package.json.
 */
export async function update(argv: readonly string[]): Promise<CommandReport> {
  const flags = parseFlags('scaffold:update', argv, UPDATE_FLAGS);
  const root = findWorkspace(process.cwd());
  const readOnly = flags.check === true || flags['dry-run'] === true;
  if (!readOnly) recoverWrites(root);
  const updates =
    flags['tool-id'] === undefined ? await allUpdates(root) : [await updateOf(root, flags['tool-id'])];
  const behind = updates.filter((u) => u.behind);
  if (flags.check === true)
    return done({
      ok: behind.length === 0,
      exitCode: behind.length === 0 ? 0 : 2,
      findings: behind.map((u) => behindFinding(u.toolId)),
    });
  const changes = updates.flatMap((u) => u.changes);
  if (flags['dry-run'] !== true) writeAll(root, changes);
  const files = updates.flatMap((u) => u.files);
  const conflicts = files.some((file) => file.outcome === 'conflict');
  return done({
    ok: !conflicts,
    exitCode: conflicts ? 5 : 0,
    changes: files.map((file) => ({ step: 'update', target: file.path, summary: summaryOf(file) })),
    findings: files.flatMap(({ outcome, path: file, kept }) => {
      if (kept !== undefined) return kept.map((value) => keptFinding(file, value));
      return outcome === 'conflict' ? [conflictFinding(file)] : [];
    }),
    ...(flags['dry-run'] === true ? { result: { diff: unifiedDiff(changes) } } : {}),
  });
}

const SAYS: Record<Outcome, string> = {
  unchanged: 'unchanged',
  updated: 'updated',
  merged: 'merged with your changes',
  conflict: 'conflicts marked in the file',
  added: 'added',
  removed: 'removed with its template',
  kept: 'kept, although its template has changed',
};

/** The packages of a changed package.json are not installed yet. */
function summaryOf({ path: file, outcome, kept }: FileUpdate): string {
  const summary = kept === undefined ? SAYS[outcome] : 'merged; your values are kept where both changed';
  return file === 'package.json' && outcome !== 'kept' ? `${summary}. Run: npm install` : summary;
}

async function allUpdates(root: string): Promise<readonly ScaffoldUpdate[]> {
  const tools = scaffoldedTools(root).map((id) => updateOf(root, id));
  const updates = await Promise.all([workspaceUpdate(root), ...tools]);
  return updates.filter((update) => update !== null);
}

async function workspaceUpdate(root: string): Promise<ScaffoldUpdate | null> {
  if (!existsSync(path.join(root, RECORD_FILE))) return null;
  // Loaded at first use: every gulp command would start later
  const { planWorkspaceUpdate } = await import('../update/plan-workspace-update.ts');
  return planWorkspaceUpdate(root);
}

/** @throws PlatformError `not-found` for a tool that was not scaffolded */
async function updateOf(root: string, toolId: string): Promise<ScaffoldUpdate> {
  const plan = await planUpdate(root, toolId);
  if (plan !== null) return plan;
  throw new PlatformError(
    'not-found',
    `tools/${toolId}/${RECORD_FILE} does not exist: the tool was not scaffolded, or its record was deleted.${missingTool(root, toolId)}`,
  );
}

function scaffoldedTools(root: string): readonly string[] {
  return toolFolders(root).filter((id) => existsSync(path.join(root, 'tools', id, RECORD_FILE)));
}

const behindFinding = (toolId: string | null): Finding => ({
  code: 'scaffold-behind',
  severity: 'error',
  step: 'preflight',
  message: `${toolId === null ? 'The workspace' : `tools/${toolId}`} is outdated: its templates have changed`,
  remedy: `npx gulp scaffold:update${toolId === null ? '' : ` --tool-id=${toolId}`}`,
});

const keptFinding = (file: string, { pointer, user, template }: KeptValue): Finding => ({
  code: 'scaffold-conflict',
  severity: 'error',
  step: 'preflight',
  file,
  message: `${file} ${pointer}: your ${JSON.stringify(user)} is kept; the template has ${JSON.stringify(template)}`,
  remedy: 'Take over the value of the template, or leave yours.',
});

const conflictFinding = (file: string): Finding => ({
  code: 'scaffold-conflict',
  severity: 'error',
  step: 'preflight',
  file,
  message: `${file}: your change and the change of the template overlap`,
  remedy: 'Choose between the marked versions and remove the conflict markers.',
});

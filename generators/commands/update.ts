import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseFlags } from '../../contracts/command-line.ts';
import { PlatformError } from '../../contracts/errors.ts';
import type { CommandReport } from '../../contracts/job.ts';
import type { Finding } from '../../contracts/plan.ts';
import { findWorkspace } from '../../templating/roots.ts';
import { RECORD_FILE } from '../packed-base.ts';
import type { Outcome } from '../update/merge-file.ts';
import { planUpdate, type ToolUpdate } from '../update/plan-update.ts';
import { recoverWrites, writeAll } from '../write/journal.ts';
import { unifiedDiff } from '../write/unified-diff.ts';
import { done } from './outcome.ts';

export const UPDATE_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', text: 'only this tool (default: every scaffolded tool)' },
  check: { type: 'boolean', text: 'only check; exit code 2 when a tool is outdated' },
  'dry-run': { type: 'boolean', text: 'print the changes as a diff without writing them' },
  json: { type: 'boolean', text: 'print one JSON document (use with --silent)' },
} as const;

/**
 * `gulp scaffold:update`: merges template changes into existing tools by three-way merge. Exit code 5 when the
 * files contain conflicts, marked as by git.
 */
export async function update(argv: readonly string[]): Promise<CommandReport> {
  const flags = parseFlags('scaffold:update', argv, UPDATE_FLAGS);
  const root = findWorkspace(process.cwd());
  const ids = flags['tool-id'] === undefined ? scaffoldedTools(root) : [flags['tool-id']];
  const readOnly = flags.check === true || flags['dry-run'] === true;
  if (!readOnly) recoverWrites(root);
  const updates = await Promise.all(ids.map((id) => updateOf(root, id)));
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
    changes: files.map((file) => ({ step: 'update', target: file.path, summary: SAYS[file.outcome] })),
    findings: files.flatMap(({ outcome, path: file }) =>
      outcome === 'conflict' ? [conflictFinding(file)] : [],
    ),
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

/** @throws PlatformError `not-found` for a tool that was not scaffolded */
async function updateOf(root: string, toolId: string): Promise<ToolUpdate> {
  const plan = await planUpdate(root, toolId);
  if (plan !== null) return plan;
  throw new PlatformError(
    'not-found',
    `tools/${toolId}/${RECORD_FILE} does not exist: the tool was not scaffolded, or its record was deleted.`,
  );
}

function scaffoldedTools(root: string): string[] {
  const folder = path.join(root, 'tools');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((id) => existsSync(path.join(folder, id, RECORD_FILE)))
    .sort();
}

const behindFinding = (toolId: string): Finding => ({
  code: 'scaffold-behind',
  severity: 'error',
  step: 'preflight',
  message: `tools/${toolId} is outdated: its templates have changed`,
  remedy: `npx gulp scaffold:update --tool-id=${toolId}`,
});

const conflictFinding = (file: string): Finding => ({
  code: 'scaffold-conflict',
  severity: 'error',
  step: 'preflight',
  file,
  message: `${file}: your change and the change of the template overlap`,
  remedy: 'Choose between the marked versions and remove the conflict markers.',
});

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseFlags } from '../../contracts/command-line.ts';
import { PlatformError } from '../../contracts/errors.ts';
import type { ToolId } from '../../contracts/ids.ts';
import type { CommandReport } from '../../contracts/job.ts';
import { parseSettings } from '../../contracts/settings.ts';
import { findWorkspace, programOf } from '../../templating/roots.ts';
import { registryClient } from '../registration.ts';
import { missingTool } from '../missing-tool.ts';
import { RECORD_FILE } from '../packed-base.ts';
import { readRecord, type ScaffoldRecord } from '../tool/record.ts';
import { readText, recoverWrites, writeAll } from '../write/journal.ts';
import { withLf } from '../write/line-ends.ts';
import { UNDO_FLAGS } from './flags.ts';
import { done } from './outcome.ts';

/**
 * `gulp scaffold:undo --tool-id=ID`: undoes a scaffold: first applied migrations, then files, then the
 * registration, upon which a running platform unmounts the tool. Keeps and lists files that were edited or added
 * since, unless `--force`. Safe to run twice.
 */
export async function undo(argv: readonly string[]): Promise<CommandReport> {
  const flags = parseFlags('scaffold:undo', argv, UNDO_FLAGS);
  const toolId = flags['tool-id'];
  const root = findWorkspace(process.cwd());
  const dryRun = flags['dry-run'] === true;
  if (!dryRun) recoverWrites(root);
  const record = readRecord(root, toolId);
  if (record === null && !dryRun && existsSync(trashOf(root, toolId)))
    return done({ changes: await finish(root, toolId) });
  if (record === null)
    throw new PlatformError(
      'not-found',
      `tools/${toolId}/${RECORD_FILE} does not exist: there is no scaffold to undo.${missingTool(root, toolId)}`,
    );
  const { removed, kept } = filesOf(root, record, flags.force === true);
  const changes: { step: string; target: string; summary: string }[] = [];
  const registered = await isRegistered(root, toolId);
  if (!dryRun) {
    for (const name of await undoMigrations(root, toolId))
      changes.push({ step: 'migrations', target: name, summary: 'undone' });
    removeFiles({ root, toolId, removed, all: kept.length === 0 });
  }
  const summary = dryRun ? 'would be removed' : 'removed';
  changes.push(...removed.map((target) => ({ step: 'files', target, summary })));
  if (registered) changes.push({ step: 'registry', target: toolId, summary: `registration ${summary}` });
  if (!dryRun) await finish(root, toolId, registered);
  return done({
    changes,
    findings: kept.map((file) => ({
      code: 'scaffold-edited',
      severity: 'warning',
      step: 'preflight',
      file,
      message: `${file}: edited or added since the scaffold, so it is kept`,
      remedy: `Remove it by hand, or run: npx gulp scaffold:undo --tool-id=${toolId} --force`,
    })),
  });
}

function filesOf(
  root: string,
  record: ScaffoldRecord,
  force: boolean,
): { removed: string[]; kept: string[] } {
  const folder = `tools/${record.answers.id}`;
  const present = readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => file !== `${folder}/${RECORD_FILE}`)
    .sort();
  const untouched = new Set(
    record.base
      .filter(({ path: file, content }) => {
        const text = readText(root, `${folder}/${file}`);
        return text !== null && withLf(text) === withLf(content);
      })
      .map((f) => `${folder}/${f.path}`),
  );
  const kept = force ? [] : present.filter((file) => !untouched.has(file));
  const removed = present.filter((file) => !kept.includes(file));
  // Removes the record last, so that a second run can continue or be forced.
  return { removed: kept.length === 0 ? [...removed, `${folder}/${RECORD_FILE}`] : removed, kept };
}

function removeFiles(input: {
  root: string;
  toolId: ToolId;
  removed: readonly string[];
  all: boolean;
}): void {
  const { root, toolId, removed, all } = input;
  if (!all) {
    writeAll(
      root,
      // Removes the manifest first, so that no platform starts the tool with half of its files
      removed
        .toSorted((a, b) => Number(b.endsWith('/manifest.json')) - Number(a.endsWith('/manifest.json')))
        .map((file) => ({ path: file, before: readText(root, file), after: null })),
    );
    return;
  }
  // One rename moves the whole folder.
  const trash = trashOf(root, toolId);
  rmSync(trash, { recursive: true, force: true });
  mkdirSync(path.dirname(trash), { recursive: true });
  renameSync(path.join(root, 'tools', toolId), trash);
}

/** Holds the folder of a tool until it is unregistered, so that a killed undo can continue from here. */
const trashOf = (root: string, toolId: ToolId): string =>
  path.join(root, '.platform', 'scaffold', `removed-${toolId}`);

/** The steps after the files. */
async function finish(root: string, toolId: ToolId, registered?: boolean): Promise<CommandReport['changes']> {
  const isThere = registered ?? (await isRegistered(root, toolId));
  if (isThere) await registryClient(root).remove(toolId);
  rmSync(trashOf(root, toolId), { recursive: true, force: true });
  return isThere ? [{ step: 'registry', target: toolId, summary: 'registration removed' }] : [];
}

/** In a separate process, because the database belongs to the platform and not to the generators. */
async function undoMigrations(root: string, toolId: ToolId): Promise<readonly string[]> {
  if (!hasDatabase(root)) return [];
  const script = programOf(root, 'dev/tool-down');
  const { execa } = await import('execa'); // Loaded at first use: every command would start a tenth later
  const { stdout, stderr, exitCode } = await execa(process.execPath, [script, `--tool-id=${toolId}`], {
    cwd: root,
    reject: false,
  });
  if (exitCode !== 0)
    throw new PlatformError('step-failed', `The migrations of ${toolId} could not be undone:\n${stderr}`);
  return JSON.parse(stdout) as string[];
}

/** Whether a platform of this workspace can have written anything. */
function hasDatabase(root: string): boolean {
  const { databaseUrl, stateDir } = parseSettings(process.env);
  return databaseUrl !== null || existsSync(path.resolve(root, stateDir, 'postgres'));
}

/**
 * Checked before any change, because the rollback of an exported tool needs the tables in the monolith.
 * @throws PlatformError `tool-in-use` for an exported tool, `registry-unreachable` when the state is unknown
 */
async function isRegistered(root: string, toolId: ToolId): Promise<boolean> {
  try {
    const { tool } = await registryClient(root).get(toolId);
    if (!tool.isExported) return true;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    if (error.code === 'tool-not-found') return false;
    if (error.code === 'registry-unreachable' && !hasDatabase(root)) return false;
    throw error;
  }
  throw new PlatformError(
    'tool-in-use',
    `${toolId} is exported. Roll the export back first: npx gulp rollback --tool-id=${toolId}`,
  );
}

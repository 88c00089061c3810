import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import { namesOf } from '../../contracts/naming.ts';
import type { Plan } from '../../contracts/plan.ts';
import type { FileTree } from '../core/file-tree.ts';
import type { GitState, PlatformPort } from '../core/ports.ts';
import { readByExport } from '../core/read-by-export.ts';
import type { Opened } from './states.ts';

const SHOWN_FILES = 5;

/** Inputs of the plan that have changed since: the commit, or files that the export reads. */
export type Staleness =
  { readonly was: string; readonly is: string | null } | { readonly changed: readonly string[] };

/**
 * Tells whether the repository still matches the plan: the same commit, and no file that the export reads has changed.
 * The apps are written from the plan's own texts, but the monolith, whose answers become the contract, runs the new code.
 * @returns `null` when it matches. Pure.
 */
export function findStaleness(plan: Plan, { commit, dirty }: GitState): Staleness | null {
  if (commit !== plan.commit) return { was: plan.commit, is: commit };
  // The preflight has refused such files, with and without --allow-dirty
  const changed = dirty.filter(readByExport(namesOf(plan.toolId), placedBy(plan)));
  return changed.length === 0 ? null : { changed };
}

/** Paths of all files that the plan puts into the apps. */
const placedBy = ({ changes }: Plan): readonly string[] =>
  changes.flatMap(({ after }) => Object.keys((after as Partial<FileTree>).files ?? {}));

/**
 * For an export between two steps, which is then rolled back.
 * @throws PlatformError `plan-stale`
 */
export function refuseStalePlan(plan: Plan, git: GitState): void {
  const staleness = findStaleness(plan, git);
  if (staleness === null) return;
  const command = `npx gulp export --tool-id=${plan.toolId}`;
  throw stale(staleness, {
    afterCommit: `Export again: ${command}`,
    afterEdits: `Your edits are kept. Commit them, then export again: ${command}`,
  });
}

/**
 * For an export before it is resumed: nothing is rolled back, as its service may be running.
 * @throws PlatformError `plan-stale`
 */
export function refuseStaleResumption(plan: Plan, git: GitState): void {
  const staleness = findStaleness(plan, git);
  if (staleness === null) return;
  const command = `npx gulp rollback --tool-id=${plan.toolId}`;
  throw stale(staleness, {
    afterCommit: `Roll it back, and export anew: ${command}`,
    afterEdits: `Undo these edits and resume, or roll the export back: ${command}`,
  });
}

function stale(
  staleness: Staleness,
  next: { readonly afterCommit: string; readonly afterEdits: string },
): PlatformError {
  if (!('changed' in staleness)) {
    const [was, is] = [staleness.was.slice(0, 12), staleness.is?.slice(0, 12) ?? 'gone'];
    return new PlatformError(
      'plan-stale',
      `HEAD was ${was} when the plan was made and is ${is} now. ${next.afterCommit}`,
    );
  }
  const { changed } = staleness;
  const more = changed.length > SHOWN_FILES ? ` and ${changed.length - SHOWN_FILES} more` : '';
  return new PlatformError(
    'plan-stale',
    `Changed since the plan was made: ${changed.slice(0, SHOWN_FILES).join(', ')}${more}. ${next.afterEdits}`,
  );
}

/** A platform that restarts, as watch mode does, is away for a moment. */
const PATIENCE_MS = 5_000;

/**
 * Checks between the steps that the platform still answers: without it the tool is unreachable, in the monolith and as
 * a service.
 * @throws PlatformError `registry-unreachable`
 */
export async function refuseLostPlatform(
  { settings, interrupts }: Pick<Opened, 'settings' | 'interrupts'>,
  toolId: string,
  platform: PlatformPort,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while ((await platform.find()) === null) {
    interrupts.signal.throwIfAborted();
    if (performance.now() > deadline)
      throw new PlatformError(
        'registry-unreachable',
        `The platform at http://${settings.host}:${settings.port} has stopped answering while the export ran. ` +
          `Start it: npm start — then export again: npx gulp export --tool-id=${toolId}`,
      );
    await delay(100);
  }
}

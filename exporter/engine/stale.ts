import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../contracts/errors.ts';
import { namesOf } from '../../contracts/naming.ts';
import type { Plan } from '../../contracts/plan.ts';
import { readGitState } from '../adapters/git/git.ts';
import { findPlatform } from '../adapters/platform/find-platform.ts';
import { readByExport } from '../core/read-by-export.ts';
import type { FileTree } from '../core/file-tree.ts';
import { must, type Run } from './run.ts';

const SHOWN_FILES = 5;

/**
 * Looks between the steps whether what the plan follows from still holds: the commit, and that no file which the export
 * reads differs from it. The plan holds all texts, so what has been written by then is of the commit; but the monolith,
 * whose answers become the contract, and the next export would run the new ones.
 * @param then what to do about it: in the middle of an export all is taken back; one that would go on has done nothing yet
 * @throws PlatformError `plan-stale`
 */
export async function refuseStalePlan(
  run: Run,
  then: 'export-again' | 'roll-back' = 'export-again',
): Promise<void> {
  const plan = must(run.plan, 'the plan');
  const { commit, dirty } = await readGitState(run.root);
  const command = `npx gulp ${then === 'roll-back' ? 'rollback' : 'export'} --tool-id=${plan.toolId}`;
  const again = `${then === 'roll-back' ? 'Take it back, and export anew' : 'Export again'}: ${command}`;
  if (commit !== plan.commit)
    throw new PlatformError(
      'plan-stale',
      `HEAD was ${plan.commit.slice(0, 12)} when the plan was made and is ${commit?.slice(0, 12) ?? 'gone'} now. ${again}`,
    );
  // The preflight has seen to it that none of them was, with and without --allow-dirty
  const changed = dirty.filter(readByExport(namesOf(plan.toolId), placedBy(plan)));
  if (changed.length === 0) return;
  const more = changed.length > SHOWN_FILES ? ` and ${changed.length - SHOWN_FILES} more` : '';
  throw new PlatformError(
    'plan-stale',
    `Changed since the plan was made: ${changed.slice(0, SHOWN_FILES).join(', ')}${more}. ` +
      (then === 'roll-back'
        ? `Undo these edits and go on, or take the export back: ${command}`
        : `What was edited stays as it is. Commit it, then export again: ${command}`),
  );
}

/** Paths of all files that the plan puts into the apps. */
const placedBy = ({ changes }: Plan): readonly string[] =>
  changes.flatMap(({ after }) => Object.keys((after as Partial<FileTree> | null)?.files ?? {}));

/** A platform that is restarted, as watch mode does, is away for a moment. */
const PATIENCE_MS = 5_000;

/**
 * Looks between the steps whether the platform still answers: without it nobody reaches the tool, before or after the export.
 * @throws PlatformError `registry-unreachable`
 */
export async function refuseLostPlatform(run: Run): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while ((await findPlatform(run.root, run.settings)) === null) {
    run.interrupts.signal.throwIfAborted();
    if (performance.now() > deadline)
      throw new PlatformError(
        'registry-unreachable',
        `The platform at http://${run.settings.host}:${run.settings.port} has stopped answering while the export ran. ` +
          `Start it: npm start — then export again: npx gulp export --tool-id=${must(run.plan, 'the plan').toolId}`,
      );
    await delay(100);
  }
}

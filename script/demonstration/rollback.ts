import type { Checks } from './checks.ts';
import { checkClean } from './clean.ts';
import type { Stage } from './stage.ts';

/** Shows that a rollback undoes a completed export without a trace. */
export async function showRollback(stage: Stage, checks: Checks): Promise<void> {
  checks.part('Roll back the export of task-manager');
  checks.say('npx gulp rollback --tool-id=task-manager');
  await checks.check('The rollback succeeds', async () => {
    const { code, output } = await stage.shell.run('gulp', 'rollback', '--tool-id=task-manager');
    return code === 0 || `exit code ${String(code)}\n${output}`;
  });
  await checkClean(stage, checks, 'task-manager', 'tasks');
}

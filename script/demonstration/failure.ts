import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Checks } from './checks.ts';
import { checkClean } from './clean.ts';
import type { Stage } from './stage.ts';

/** Fails when the service starts, and not before: four steps succeed and must be rolled back. */
const MISTAKE = `
if (process.argv[1]?.endsWith('-api/src/server.ts') === true)
  throw new Error('a mistake that only shows when the service starts');
`;

/** Shows that an export that fails late rolls back completely. */
export async function showFailure(stage: Stage, checks: Checks): Promise<void> {
  checks.part('Force an export to fail, and see it rolled back');
  const file = path.join(stage.root, 'tools/task-manager/backend/index.ts');
  await writeFile(file, (await readFile(file, 'utf8')) + MISTAKE);
  await stage.git(
    'commit',
    '--quiet',
    '--all',
    '--message',
    'Make a mistake that only the service will show',
  );
  checks.say('npx gulp export --tool-id=task-manager --runtime=local');
  await checks.check('The export fails, says why, and is rolled back (exit code 4)', async () => {
    const { code, output } = await stage.shell.run(
      'gulp',
      'export',
      '--tool-id=task-manager',
      '--runtime=local',
    );
    if (code !== 4) return `exit code ${String(code)}\n${output}`;
    return output.includes('Rollback completed successfully') || `no rollback is reported:\n${output}`;
  });
  await checkClean(stage, checks, 'task-manager', 'tasks');
}

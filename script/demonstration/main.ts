/**
 * `script/demo`: shows a tool from creation to rollback and checks every claim. Exit code 0 only if all checks pass.
 */
import path from 'node:path';
import { parseProgramFlags } from '../../contracts/command-line.ts';
import { findWorkspace } from '../../templating/roots.ts';
import { createChecks } from './checks.ts';
import { showCreation } from './create.ts';
import { showExport } from './export.ts';
import { showFailure } from './failure.ts';
import { get } from './http.ts';
import { showRollback } from './rollback.ts';
import { openStage, type Stage } from './stage.ts';
import { showPlatform } from './platform.ts';

const { keep } = parseProgramFlags('script/demo', process.argv.slice(2), {
  keep: { type: 'boolean', text: 'leave the platform running' },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const root = path.join(findWorkspace(process.cwd()), '.platform/demo/repository');
const interrupt = new AbortController();
// Not `once`: a second signal must not interrupt the clean-up of the first
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => interrupt.abort(new Error('interrupted')));

const checks = createChecks(print, interrupt.signal);
let stage: Stage | null = null;
try {
  checks.part('Prepare a clone of this repository');
  stage = await openStage(path.resolve(root, '../../..'), root, (line) => checks.say(line), interrupt.signal);
  checks.say(path.relative(process.cwd(), root));
  await showPlatform(stage, checks);
  await showCreation(stage, checks);
  await showExport(stage, checks, { toolId: 'inventory-tracker', name: 'Inventory Tracker', list: 'items' });
  await stage.git('add', '--all');
  await stage.git('commit', '--quiet', '--message', 'Export the inventory tracker');
  await showExport(stage, checks, { toolId: 'task-manager', name: 'Task Manager', list: 'tasks' });
  await showRollback(stage, checks);
  await showFailure(stage, checks);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  await checks.checkAlways('The demonstration runs to its end', () => reason);
}

if (keep === true && stage !== null && !interrupt.signal.aborted && (await isRunning(stage))) {
  checks.summary();
  print('\nThe platform is left running:');
  print(`   Dashboard  ${stage.platformUrl}/tools`);
  print(`   API        ${stage.platformUrl}/api/tools`);
  print(`   Gateway    ${stage.gatewayUrl}/tools/inventory-tracker/`);
  print('   The next script/demo stops it.');
} else if (stage !== null) {
  const stopped = stage;
  checks.part('Stop');
  await checks.checkAlways('Platform, services, gateway and database are stopped', async () => {
    await stopped.stop();
    const left = await stopped.processes();
    return left.length === 0 || left.join('\n');
  });
  checks.summary();
}
print(`\ndemo: ${String(checks.passed)} checks passed, ${String(checks.failed)} failed`);
process.exit(interrupt.signal.aborted ? 130 : checks.failed === 0 ? 0 : 1);

/** False for a platform that never started. */
async function isRunning({ platformUrl }: Stage): Promise<boolean> {
  return get(`${platformUrl}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

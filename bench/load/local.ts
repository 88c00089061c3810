import { listProcesses } from '../../registry-api/processes.ts';
import type { Lab } from '../../test/support/lab.ts';
import { editAndReload, succeeded, TOOL, type Life } from './life.ts';

/** Longest time in milliseconds until the platform has started a killed service again. */
const RESTART_MS = 10_000;

/** A life of the tool whose service is a process of this machine. */
export async function lifeOnThisMachine(life: Life, lab: Lab): Promise<void> {
  await life.phase({ phase: 'in the monolith' }, () => Promise.resolve());
  await life.phase({ phase: 'reload of another tool' }, () => editAndReload(lab, 'other'));
  await life.phase({ phase: 'reload of the tool' }, () => editAndReload(lab, TOOL));
  await lab.commit('Edit the tools');
  await life.phase({ phase: 'export', fenced: true }, async () => {
    succeeded(
      'the export',
      await lab.gulp('export', `--tool-id=${TOOL}`, '--runtime=local', '--cutover=fenced'),
    );
  });
  await life.phase({ phase: 'reload of another tool beside the service' }, () => editAndReload(lab, 'other'));
  for (const phase of ['first kill of the service', 'second kill of the service'])
    await life.phase({ phase, outageMs: RESTART_MS, failures: 1 }, () => killService(lab));
  await life.phase({ phase: 'rollback', fenced: true }, async () => {
    succeeded('the rollback', await lab.gulp('rollback', `--tool-id=${TOOL}`, '--bring-back'));
  });
  await life.phase({ phase: 'in the monolith again' }, () => Promise.resolve());
}

/** SIGKILL, and waits until the service answers again. */
async function killService(lab: Lab): Promise<void> {
  const ofService = ({ command }: { command: string }): boolean =>
    command.includes(`${lab.root}/apps/${TOOL}-api`);
  const killed = (await listProcesses()).filter(ofService);
  if (killed.length === 0) throw new Error(`no process of the service of ${TOOL} runs`);
  for (const { pid } of killed) process.kill(pid, 'SIGKILL');
  const { serviceUrl } = (await (await fetch(`${lab.platformUrl}/api/tools/${TOOL}`)).json()) as {
    serviceUrl: string;
  };
  const answers = (): Promise<boolean> =>
    fetch(`${serviceUrl}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  const limit = performance.now() + RESTART_MS * 2;
  while (!(await answers()))
    if (performance.now() > limit) throw new Error(`the service of ${TOOL} was not started again`);
    else await new Promise((resolve) => setTimeout(resolve, 20));
}

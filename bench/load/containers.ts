import { setTimeout as delay } from 'node:timers/promises';
import type { DockerLab } from '../../test/support/docker-lab.ts';
import { editAndReload, succeeded, TOOL, type Life } from './life.ts';

/** A life of the tool whose service is three containers. */
export async function lifeInContainers(life: Life, lab: DockerLab): Promise<void> {
  await life.phase({ phase: 'in the monolith' }, () => Promise.resolve());
  await life.phase({ phase: 'reload of another tool' }, () => editAndReload(lab, 'other'));
  await life.phase({ phase: 'reload of the tool' }, () => editAndReload(lab, TOOL));
  await lab.commit('Edit the tools');
  await life.phase({ phase: 'export', fenced: true }, async () => {
    succeeded(
      'the export',
      await lab.gulp('export', `--tool-id=${TOOL}`, '--runtime=docker', '--cutover=fenced', '--replicas=3'),
    );
  });
  await life.phase({ phase: 'docker stop' }, async () => {
    await lab.engine.getContainer(`${TOOL}-api`).stop({ t: 20 });
    await lab.engine.getContainer(`${TOOL}-api`).start();
    await untilReady(lab, `${TOOL}-api`);
  });
  await life.phase({ phase: 'recreate' }, async () => {
    const compose = lab.compose.version.startsWith('1.') ? ['docker-compose'] : ['docker', 'compose'];
    const up = ['up', '--detach', '--no-deps', '--force-recreate', `${TOOL}-api-2`];
    succeeded('compose up', await lab.run('env', ...compose, '-f', 'docker-compose.poc.yml', ...up));
    await untilReady(lab, `${TOOL}-api-2`);
  });
  await life.phase({ phase: 'kill of a replica', failures: 1 }, async () => {
    await lab.engine.getContainer(`${TOOL}-api-3`).kill();
    await delay(1_000);
    await lab.engine.getContainer(`${TOOL}-api-3`).start();
    await untilReady(lab, `${TOOL}-api-3`);
  });
  await life.phase({ phase: 'rollback', fenced: true }, async () => {
    succeeded('the rollback', await lab.gulp('rollback', `--tool-id=${TOOL}`, '--bring-back'));
  });
  await life.phase({ phase: 'in the monolith again' }, () => Promise.resolve());
}

async function untilReady(lab: DockerLab, name: string): Promise<void> {
  const ready = async (): Promise<boolean> => {
    const { NetworkSettings } = await lab.engine.getContainer(name).inspect();
    const [published] = Object.values(NetworkSettings.Ports).flat();
    return fetch(`http://127.0.0.1:${published?.HostPort ?? ''}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  while (!(await ready())) await delay(100);
}

import { expect } from 'chai';
import { load } from 'js-yaml';
import { PlatformError } from '../../../../contracts/errors.ts';
import { COMPOSE_FILE } from '../../../../contracts/naming.ts';
import type { GateVerdict } from '../../../../contracts/gates.ts';
import { parseSettings } from '../../../../contracts/settings.ts';
import type { Ports } from '../../../../exporter/core/ports.ts';
import {
  buildImages,
  type BuildImages,
} from '../../../../exporter/steps/frontend/operations/build-images.ts';
import {
  addComposeEntry,
  type ComposeEntry,
} from '../../../../exporter/generate/infrastructure/compose-text.ts';
import {
  startDatabaseContainer,
  type StartDatabaseContainer,
} from '../../../../exporter/steps/database/operations/start-database-container.ts';
import {
  updateCompose,
  type UpdateCompose,
} from '../../../../exporter/steps/infrastructure/operations/update-compose.ts';

const ENGINE_AWAY = new PlatformError('engine-unavailable', 'Docker is not running');

/** In-memory files, secrets and engine. Tests set `engine.running` to stop the engine. */
function memory(files: Record<string, string> = {}) {
  const engine = { running: true, things: new Set<string>() };
  const secrets = new Set<string>();
  const gates: GateVerdict[] = [];
  const guard = (work: () => void): Promise<void> => {
    if (!engine.running) return Promise.reject(ENGINE_AWAY);
    work();
    return Promise.resolve();
  };
  const ports = {
    files: {
      exists: (file: string) => Promise.resolve(file in files),
      readText: (file: string) => Promise.resolve(files[file] ?? null),
      writeText: (file: string, text: string) => Promise.resolve(void (files[file] = text)),
      remove: (file: string) => Promise.resolve(void Reflect.deleteProperty(files, file)),
    },
    secrets: {
      ensure: (name: string) => Promise.resolve(secrets.add(name)),
      remove: (name: string) => Promise.resolve(secrets.delete(name)),
    },
    containers: {
      ping: () => guard(() => undefined),
      check: () => guard(() => undefined),
      build: (image: { tag: string }) => guard(() => engine.things.add(image.tag)),
      up: (names: readonly string[]) => guard(() => names.forEach((n) => engine.things.add(n))),
      waitHealthy: () => guard(() => undefined),
      removeAll: () => guard(() => engine.things.clear()),
    },
    report: {
      log: () => undefined,
      progress: () => undefined,
      gate: (verdict: GateVerdict) => gates.push(verdict),
    },
    signal: new AbortController().signal,
    settings: parseSettings({}),
    remember: () => undefined,
    exclusively: (work: () => Promise<unknown>) => work(),
  } as unknown as Ports;
  return { engine, files, secrets, gates, ports };
}

async function failureOf(work: Promise<void>): Promise<unknown> {
  try {
    await work;
    return null;
  } catch (error) {
    return error;
  }
}

describe('operations on containers', () => {
  const database: StartDatabaseContainer = {
    step: 'database',
    kind: 'start-database-container',
    target: 'crm-db',
    before: null,
    after: {
      toolId: 'crm',
      project: 'shop',
      container: 'crm-db',
      port: 5436,
      secret: 'crm_admin',
      planned: {
        toolId: 'crm',
        before: 'services: {}\n',
        text: 'services:\n  crm-db: {}\n',
        entry: { services: '', volumes: '', networks: '', secrets: '' },
      },
      markFile: '.platform/run/docker-crm-database',
    },
  };

  it('starts and removes the containers twice, without leaving a file or a secret', async () => {
    const { engine, files, secrets, ports } = memory({ [COMPOSE_FILE]: 'services: {}\n' });
    await startDatabaseContainer.run(database, ports);
    await startDatabaseContainer.run(database, ports);
    expect([...engine.things]).to.deep.equal(['crm-db']);
    expect(files[COMPOSE_FILE], 'the file that describes the container').to.contain('crm-db');
    await startDatabaseContainer.undo(database, ports);
    await startDatabaseContainer.undo(database, ports);
    expect(engine.things.size + secrets.size).to.equal(0);
    expect(files).to.deep.equal({ [COMPOSE_FILE]: 'services: {}\n' });
  });

  it('rolls back without an engine when it was never reached', async () => {
    const { engine, files, secrets, ports } = memory();
    engine.running = false;
    expect(await failureOf(startDatabaseContainer.run(database, ports))).to.equal(ENGINE_AWAY);
    expect(await failureOf(startDatabaseContainer.undo(database, ports))).to.equal(null);
    expect(Object.keys(files).length + secrets.size).to.equal(0);
  });

  it('reports an engine that stopped during the export, and completes the undo once it answers', async () => {
    const { engine, ports } = memory({ [COMPOSE_FILE]: 'services: {}\n' });
    await startDatabaseContainer.run(database, ports);
    engine.running = false;
    expect(await failureOf(startDatabaseContainer.undo(database, ports))).to.equal(ENGINE_AWAY);
    engine.running = true;
    expect(await failureOf(startDatabaseContainer.undo(database, ports))).to.equal(null);
    expect(engine.things.size).to.equal(0);
  });

  it('removes the images that were built before a later build failed', async () => {
    const { engine, ports } = memory();
    const images: BuildImages = {
      step: 'frontend',
      kind: 'build-images',
      target: 'crm-api, crm-web',
      before: null,
      after: {
        toolId: 'crm',
        project: 'shop',
        markFile: '.platform/run/docker-crm-images',
        images: ['crm-api:1', 'crm-web:1'].map((tag) => ({
          tag,
          folder: 'apps/x',
          args: {},
          base: { name: 'node:24', digest: '' },
        })),
      },
    };
    const build = ports.containers.build.bind(ports.containers);
    ports.containers.build = (image) =>
      image.tag === 'crm-web:1' ? Promise.reject(new Error('no space left')) : build(image);
    expect(await failureOf(buildImages.run(images, ports))).to.have.property('message', 'no space left');
    expect([...engine.things]).to.deep.equal(['crm-api:1']);
    await buildImages.undo(images, ports);
    expect(engine.things.size).to.equal(0);
  });
});

describe('compose file of two exports at once', () => {
  const BASE = 'services:\n  web:\n    image: nginx\n';
  const entry = (id: string): ComposeEntry => ({
    services: `${id}-api:\n  image: x\n`,
    volumes: '',
    networks: '',
    secrets: '',
  });
  const change = (toolId: string): UpdateCompose => ({
    step: 'infrastructure',
    kind: 'update-compose',
    target: COMPOSE_FILE,
    before: { toolId, text: BASE, entry: { services: '', volumes: '', networks: '', secrets: '' } },
    after: { toolId, text: addComposeEntry(BASE, toolId, entry(toolId)), entry: entry(toolId) },
  });

  it('adds and removes the entries of two exports that were planned from the same compose file', async () => {
    const { files, ports } = memory({ [COMPOSE_FILE]: BASE });
    await updateCompose.run(change('crm'), ports);
    await updateCompose.run(change('hr'), ports);
    await updateCompose.run(change('hr'), ports);
    expect(files[COMPOSE_FILE]).to.contain('crm-api:').and.contain('hr-api:');
    await updateCompose.undo(change('crm'), ports);
    expect(files[COMPOSE_FILE]).to.equal(change('hr').after.text);
    await updateCompose.undo(change('hr'), ports);
    expect(files[COMPOSE_FILE]).to.equal(BASE);
  });

  it('writes no compose file that compose rejects, and fails the gate', async () => {
    const { files, gates, ports } = memory({ [COMPOSE_FILE]: BASE });
    ports.containers.check = (text) =>
      Promise.reject(new PlatformError('step-failed', `no compose file: ${text.length} bytes`));
    expect(await failureOf(updateCompose.run(change('crm'), ports))).to.have.property('code', 'step-failed');
    expect(files[COMPOSE_FILE]).to.equal(BASE);
    expect(gates.map(({ outcome }) => outcome)).to.deep.equal(['failed']);
  });

  it('writes the compose file without compose, and reports the gate as not run', async () => {
    const { engine, files, gates, ports } = memory({ [COMPOSE_FILE]: BASE });
    engine.running = false;
    await updateCompose.run(change('crm'), ports);
    expect(files[COMPOSE_FILE]).to.contain('crm-api:');
    expect(gates.at(-1)).to.include({ gate: 'compose-config', outcome: 'not-run' });
  });

  it('keeps edits of the compose file that were made after the export', async () => {
    const { files, ports } = memory({ [COMPOSE_FILE]: BASE });
    await updateCompose.run(change('crm'), ports);
    files[COMPOSE_FILE] = `# mine\n${files[COMPOSE_FILE] ?? ''}`;
    await updateCompose.undo(change('crm'), ports);
    expect(files).to.deep.equal({ [COMPOSE_FILE]: `# mine\n${BASE}` });
  });

  it('keeps a copy of an entry that was edited between its marks, and of no other', async () => {
    const { files, ports } = memory({ [COMPOSE_FILE]: BASE });
    await updateCompose.run(change('crm'), ports);
    await updateCompose.run(change('hr'), ports);
    files[COMPOSE_FILE] = (files[COMPOSE_FILE] ?? '').replace(
      'crm-api:\n    image: x',
      'crm-api:\n    image: mine',
    );
    await updateCompose.undo(change('hr'), ports);
    await updateCompose.undo(change('crm'), ports);
    await updateCompose.undo(change('crm'), ports);
    const { [COMPOSE_FILE]: compose, '.platform/kept/docker-compose.poc.crm.yml': kept, ...others } = files;
    expect(compose).to.equal(BASE);
    expect(load(kept ?? '')).to.deep.equal({ services: { 'crm-api': { image: 'mine' } } });
    expect(others).to.deep.equal({});
  });
});

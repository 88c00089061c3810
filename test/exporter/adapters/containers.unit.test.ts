import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type Docker from 'dockerode';
import { load } from 'js-yaml';
import sinon from 'sinon';
import { publishedPorts } from '../../../exporter/adapters/compose/published-ports.ts';
import { readCompose } from '../../../exporter/adapters/compose/read-compose.ts';
import { onlyServices } from '../../../exporter/adapters/compose/only-services.ts';
import { adaptDockerfile } from '../../../exporter/adapters/docker/build-image.ts';
import { readLog } from '../../../exporter/adapters/docker/container-state.ts';
import { createEngine, whileEngineRuns } from '../../../exporter/adapters/docker/engine.ts';
import { removeLabelled } from '../../../exporter/adapters/docker/remove-all.ts';
import { projectNameOf } from '../../../exporter/adapters/docker/project.ts';

describe('containers', () => {
  it('reads a container log without frame headers, in order, up to its last whole frame', async () => {
    const frame = (stream: number, text: string | Buffer): Buffer => {
      const header = Buffer.alloc(8);
      header.writeUInt8(stream, 0);
      header.writeUInt32BE(Buffer.byteLength(text), 4);
      return Buffer.concat([header, Buffer.from(text)]);
    };
    const logs = sinon.stub();
    const read = (tail?: number): Promise<string> =>
      readLog(createEngine(), { logs } as unknown as Docker.Container, tail);
    const [half, other] = [Buffer.from('größe\n').subarray(0, 3), Buffer.from('größe\n').subarray(3)];
    logs.resolves(Buffer.concat([frame(1, half), frame(1, other), frame(2, 'error\n'), frame(1, 'end\n')]));
    expect(await read(15)).to.equal('größe\nerror\nend');
    sinon.assert.calledWithMatch(logs, { stdout: true, stderr: true, tail: 15 });
    const cut = Buffer.concat([frame(1, 'größe\n'), frame(2, 'error\n'), frame(1, 'end')]);
    logs.resolves(cut.subarray(0, cut.length - 1));
    expect(await read()).to.equal('größe\nerror');
    const long = 'x'.repeat(1_000_000);
    logs.resolves(frame(2, long));
    expect(await read()).to.equal(long);
    logs.resolves(Buffer.alloc(0));
    expect(await read()).to.equal('');
  });

  it('labels every stage of a Dockerfile, records its base, and copies the existing build instead of building again', () => {
    const dockerfile = [
      '# service',
      'ARG NODE_IMAGE=node',
      'FROM ${NODE_IMAGE} AS dependencies',
      'RUN npm ci',
      'FROM ${NODE_IMAGE} AS build',
      'WORKDIR /service',
      'RUN npm ci && npm run build',
      'FROM ${NODE_IMAGE}',
      'COPY --from=build /service/dist ./dist',
      '',
    ].join('\n');
    const base = { name: 'node:24', digest: 'sha256:5e1f' };
    const adapted = adaptDockerfile(dockerfile, { toolId: 'crm', project: 'shop', base });
    expect(
      adapted.match(/^LABEL generator-platform\.tool="crm" generator-platform\.project="shop"$/gm),
    ).to.have.length(3);
    expect(adapted).to.contain('WORKDIR /service\nCOPY dist ./dist\n').and.not.contain('npm run build');
    expect(adapted).to.contain('RUN npm ci\n').and.contain('COPY --from=build /service/dist ./dist');
    expect(adapted.trimEnd().split('\n').at(-1)).to.equal(
      'LABEL org.opencontainers.image.base.name="node:24" org.opencontainers.image.base.digest="sha256:5e1f"',
    );
  });

  it('removes the images of a tool that compose has built again, and none of another project', async () => {
    const [tool, project] = ['generator-platform.tool', 'generator-platform.project'];
    const compose = 'com.docker.compose.project';
    const images = new Map<string, Readonly<Record<string, string>>>([
      ['by the export', { [tool]: 'crm', [project]: 'shop' }],
      ['by compose 2', { [tool]: 'crm', [compose]: 'shop' }],
      ['by compose 1', { [tool]: 'crm' }],
      ['by compose 1 elsewhere', { [tool]: 'crm' }],
      ['by another export', { [tool]: 'crm', [project]: 'other' }],
      ['by compose 2 elsewhere', { [tool]: 'crm', [compose]: 'other' }],
    ]);
    const listImages = sinon.fake(({ filters }: { readonly filters: object }) =>
      Promise.resolve([...images].map(([Id, Labels]) => ({ Id, Labels, RepoTags: null, filters }))),
    );
    const getImage = (id: string) => ({ remove: () => Promise.resolve(images.delete(id)) });
    const listContainers = () =>
      Promise.resolve([{ ImageID: 'by compose 1 elsewhere', Labels: { [compose]: 'other' } }]);
    const engine = { listImages, getImage, listContainers } as unknown as Docker;
    await removeLabelled(engine, { toolId: 'crm', project: 'shop', kinds: ['images'] });
    expect([...images.keys()]).to.deep.equal([
      'by compose 1 elsewhere',
      'by another export',
      'by compose 2 elsewhere',
    ]);
    sinon.assert.alwaysCalledWithMatch(listImages, { filters: { label: [`${tool}=crm`] } });
  });

  it('reduces a compose file to the requested services and everything they use', () => {
    const text = [
      'x-a: &a {restart: always}',
      'services:',
      '  db: {<<: *a, image: x, volumes: ["data:/d"], networks: [inner], secrets: [pw]}',
      '  api: {image: y, depends_on: {db: {condition: service_healthy}}, networks: {edge: {}}}',
      '  platform: {image: z, volumes: ["all:/x"], networks: [other]}',
      'volumes: {data: {}, all: {}}',
      'networks: {inner: {}, edge: {}, other: {}}',
      'secrets: {pw: {file: a}, other: {file: b}}',
    ].join('\n');
    expect(load(onlyServices(text, ['api']))).to.deep.equal({
      services: {
        db: { restart: 'always', image: 'x', volumes: ['data:/d'], networks: ['inner'], secrets: ['pw'] },
        api: { image: 'y', depends_on: { db: { condition: 'service_healthy' } }, networks: { edge: {} } },
      },
      volumes: { data: {} },
      networks: { inner: {}, edge: {} },
      secrets: { pw: { file: 'a' } },
    });
  });

  it('quotes words that YAML 1.1, and so Compose 1, reads as booleans', () => {
    expect(onlyServices("services: {a: {restart: 'no'}}", ['a'])).to.contain("restart: 'no'");
  });

  it('reads all published ports of the compose file', () => {
    const ports = ['127.0.0.1:5436:5432', '127.0.0.1:${PLATFORM_PORT:-3000}:3000', '6.6.6.6:1:1', '80'];
    const text = `x-a: &a {restart: always}\nservices:\n  one: {<<: *a, ports: ${JSON.stringify(ports)}}\n  two:\n  three: {ports: !reset null}\n`;
    expect([...publishedPorts(text)]).to.deep.equal([5436, 3000]);
    expect([...publishedPorts('services: {a: 1')], 'not YAML').to.deep.equal([]);
    expect([...publishedPorts('')]).to.deep.equal([]);
  });

  it('reads tags of compose as plain values, and refuses duplicate keys', () => {
    const text = 'services:\n  a: !override {image: x, ports: !reset [], restart: !reset no}\n';
    expect(readCompose(text)).to.deep.equal({ services: { a: { image: 'x', ports: [], restart: 'no' } } });
    expect(() => readCompose('services: {a: 1, a: 2}')).to.throw('duplicated mapping key');
  });

  it('names an engine that has stopped, instead of the connection that it has broken', async () => {
    const failure = async (ping: () => Promise<string>): Promise<unknown> =>
      whileEngineRuns({ ping } as unknown as Docker, () => Promise.reject(new Error('aborted'))).catch(
        (error: unknown) => error,
      );
    const stopped = await failure(() => Promise.reject(new Error('connect ENOENT docker.sock')));
    expect(stopped).to.have.property('code', 'engine-unavailable');
    expect((stopped as Error).message).to.match(/^Docker is not running: connect ENOENT/);
    expect(await failure(() => Promise.resolve('OK'))).to.have.property('message', 'aborted');
  });

  it('names the project as compose does', async () => {
    expect(projectNameOf('/home/x/My Repo.2')).to.equal('myrepo2');
    expect(projectNameOf('/tmp/_-lab-AbC')).to.equal('lab-abc');
    const root = await mkdtemp(path.join(tmpdir(), 'project-'));
    await writeFile(path.join(root, '.env'), 'COMPOSE_PROJECT_NAME=From-Env\n');
    expect(projectNameOf(root)).to.equal('from-env');
    process.env['COMPOSE_PROJECT_NAME'] = 'requested';
    expect(projectNameOf(root)).to.equal('requested');
    delete process.env['COMPOSE_PROJECT_NAME'];
    await rm(root, { recursive: true });
  });

  it('takes the name of the project from the compose file, with its variables', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'project-'));
    const projectOf = async (name: string): Promise<string> => {
      await writeFile(
        path.join(root, 'docker-compose.poc.yml'),
        `name: ${name}\nservices: {a: {image: x}}\n`,
      );
      return projectNameOf(root);
    };
    const folder = path.basename(root).toLowerCase();
    await writeFile(path.join(root, '.env'), 'STAGE=test\nEMPTY=\n');
    for (const [name, project] of [
      ['shop', 'shop'],
      ['"shop-$STAGE"', 'shop-test'],
      ['shop-${STAGE}', 'shop-test'],
      ['${MISSING:-${STAGE}}-${EMPTY:-x}', 'test-x'],
      ['shop${EMPTY-x}${STAGE:+-staged}', 'shop-staged'],
      ['${EMPTY}', folder],
      ['[1, 2]', folder],
      ['{', folder],
    ] as const)
      expect(await projectOf(name), name).to.equal(project);
    await writeFile(path.join(root, '.env'), 'COMPOSE_PROJECT_NAME=from-env\n');
    expect(await projectOf('shop'), 'the environment wins').to.equal('from-env');
    await rm(root, { recursive: true });
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { publishedPorts } from '../../../exporter/adapters/compose/published-ports.ts';
import { onlyServices } from '../../../exporter/adapters/compose/only-services.ts';
import { adaptDockerfile } from '../../../exporter/adapters/docker/build-image.ts';
import { demultiplex } from '../../../exporter/adapters/docker/container-state.ts';
import { projectNameOf } from '../../../exporter/adapters/docker/project.ts';

describe('containers', () => {
  it('reads a log without the headers of its frames, also when the last is cut off', () => {
    const frame = (stream: number, text: string): Buffer => {
      const header = Buffer.alloc(8);
      header.writeUInt8(stream, 0);
      header.writeUInt32BE(Buffer.byteLength(text), 4);
      return Buffer.concat([header, Buffer.from(text)]);
    };
    const raw = Buffer.concat([frame(1, 'größe\n'), frame(2, 'error\n'), frame(1, 'end')]);
    expect(demultiplex(raw)).to.equal('größe\nerror\nend');
    expect(demultiplex(raw.subarray(0, raw.length - 1))).to.equal('größe\nerror\nen');
  });

  it('labels every stage, and takes the build that is there instead of building again', () => {
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
    const adapted = adaptDockerfile(dockerfile, { toolId: 'crm', project: 'shop' });
    expect(
      adapted.match(/^LABEL generator-platform\.tool="crm" generator-platform\.project="shop"$/gm),
    ).to.have.length(3);
    expect(adapted).to.contain('WORKDIR /service\nCOPY dist ./dist\n').and.not.contain('npm run build');
    expect(adapted).to.contain('RUN npm ci\n').and.contain('COPY --from=build /service/dist ./dist');
  });

  it('gives compose the services that are asked for, with what they use and nothing else', () => {
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
    expect(parse(onlyServices(text, ['api']))).to.deep.equal({
      services: {
        db: { restart: 'always', image: 'x', volumes: ['data:/d'], networks: ['inner'], secrets: ['pw'] },
        api: { image: 'y', depends_on: { db: { condition: 'service_healthy' } }, networks: { edge: {} } },
      },
      volumes: { data: {} },
      networks: { inner: {}, edge: {} },
      secrets: { pw: { file: 'a' } },
    });
  });

  it('reads the ports that the compose file publishes, running or not', () => {
    const text = "- '127.0.0.1:5436:5432'\n- '127.0.0.1:${PLATFORM_PORT:-3000}:3000'\n- 6.6.6.6:1:1";
    expect([...publishedPorts(text)]).to.deep.equal([5436, 3000]);
  });

  it('calls the project as compose does', async () => {
    expect(projectNameOf('/home/x/My Repo.2')).to.equal('myrepo2');
    expect(projectNameOf('/tmp/_-lab-AbC')).to.equal('lab-abc');
    const root = await mkdtemp(path.join(tmpdir(), 'project-'));
    await writeFile(path.join(root, '.env'), 'COMPOSE_PROJECT_NAME=From-Env\n');
    expect(projectNameOf(root)).to.equal('from-env');
    process.env['COMPOSE_PROJECT_NAME'] = 'asked';
    expect(projectNameOf(root)).to.equal('asked');
    delete process.env['COMPOSE_PROJECT_NAME'];
    await rm(root, { recursive: true });
  });
});

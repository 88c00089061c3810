import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { publishedPorts } from '../../../exporter/adapters/compose/published-ports.ts';
import { readCompose } from '../../../exporter/adapters/compose/read-compose.ts';
import { onlyServices } from '../../../exporter/adapters/compose/only-services.ts';
import { adaptDockerfile } from '../../../exporter/adapters/docker/build-image.ts';
import { demultiplex } from '../../../exporter/adapters/docker/container-state.ts';
import { projectNameOf } from '../../../exporter/adapters/docker/project.ts';

describe('containers', () => {
  it('strips the frame headers of a log, even when the last frame is truncated', () => {
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

  it('labels every build stage, and copies an existing build instead of building again', () => {
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

  it('passes only the requested services and their dependencies to compose', () => {
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

  it('quotes values that YAML 1.1, as read by compose 1, treats as booleans', () => {
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
});

import { expect } from 'chai';
import { load } from 'js-yaml';
import { parseManifest } from '../../../../contracts/manifest.ts';
import { DEFAULT_IMAGES, parseSettings } from '../../../../contracts/settings.ts';
import { knowsStartInterval } from '../../../../exporter/adapters/docker/start-interval.ts';
import type { ContainerFacts, InfrastructureFacts } from '../../../../exporter/core/facts.ts';
import { composeEntryOf, imagesOf } from '../../../../exporter/generate/infrastructure/compose-entry.ts';
import { renderWebApp } from '../../../../exporter/generate/web-app/render-web-app.ts';
import { layoutOf } from '../../../../exporter/generate/service/layout.ts';
import { render } from '../../../../templating/render.ts';
import { infrastructureInput } from './facts.ts';

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly build?: { readonly args: Readonly<Record<string, string>> };
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly stop_grace_period: string;
  readonly healthcheck?: {
    readonly test?: readonly string[];
    readonly interval?: string;
    readonly start_interval?: string;
    readonly disable?: boolean;
  };
}

/** Settings of a shell of which the entry must not depend without containers. */
const SHELL = {
  PLATFORM_NODE_IMAGE: 'mirror/node:24',
  PLATFORM_POSTGRES_IMAGE: 'mirror/postgres:18',
  PLATFORM_NGINX_IMAGE: 'mirror/nginx:1',
  PLATFORM_STATE_DIR: 'var/state',
};
const CONTAINERS: ContainerFacts = { user: { uid: 1007, gid: 1008 }, digests: {}, startInterval: false };

const entryOf = (infrastructure: Partial<InfrastructureFacts>, env: Record<string, string> = SHELL) =>
  composeEntryOf({
    ...infrastructureInput({ id: 'crm', env: [{ name: 'API_KEY', secret: true }] }, infrastructure),
    settings: parseSettings(env),
  });

const servicesOf = (infrastructure: Partial<InfrastructureFacts>): Readonly<Record<string, Service>> =>
  load(entryOf(infrastructure).services) as Readonly<Record<string, Service>>;

describe('the compose entry of a tool', () => {
  it('sets the defaults of a compose entry to the settings of the export, so that compose by hand changes none', () => {
    const {
      'crm-db': db,
      'crm-api': api,
      'crm-web': web,
    } = servicesOf({
      containers: CONTAINERS,
      platformKeys: {
        PLATFORM_SERVICE_URL: 'http://host.docker.internal:3100',
        PLATFORM_JWKS_URL: '',
        PLATFORM_ISSUER: '',
        PLATFORM_AUDIENCE: '',
      },
    });
    expect(db?.image).to.equal('${PLATFORM_POSTGRES_IMAGE:-mirror/postgres:18}');
    expect(api?.user).to.equal('${PLATFORM_UID:-1007}:${PLATFORM_GID:-1008}');
    expect(api?.build?.args).to.deep.equal({ NODE_IMAGE: '${PLATFORM_NODE_IMAGE:-mirror/node:24}' });
    expect(web?.build?.args).to.include({ NGINX_IMAGE: '${PLATFORM_NGINX_IMAGE:-mirror/nginx:1}' });
    expect(api?.environment).to.include({
      PLATFORM_SERVICE_URL: '${PLATFORM_SERVICE_URL:-http://host.docker.internal:3100}',
      PLATFORM_JWKS_URL: '${PLATFORM_JWKS_URL-}',
      PLATFORM_ISSUER: '${PLATFORM_ISSUER-}',
    });
    expect(entryOf({ containers: CONTAINERS }).secrets).to.contain(
      'file: ${PLATFORM_STATE_DIR:-./var/state}/secrets/crm_app',
    );
  });

  it('names the file of the values of declared variables, and holds no variable of the shell', () => {
    const { 'crm-api': api } = servicesOf({ containers: CONTAINERS });
    expect(api?.environment).to.include({ TOOL_VARIABLES_FILE: '/run/secrets/crm_environment' });
    expect(api?.secrets).to.deep.equal(['crm_app', 'crm_environment']);
    expect(JSON.stringify(api)).to.not.contain('API_KEY');
    expect(composeEntryOf(infrastructureInput({ id: 'crm' })).services).to.not.contain('crm_environment');
  });

  it('gives every machine and every shell the same compose entry when the service runs without containers', () => {
    const there = entryOf({ platformKeys: { PLATFORM_SERVICE_URL: 'http://127.0.0.1:3999' } });
    expect(there).to.deep.equal(entryOf({}, {}));
    expect(there.services).to.contain(`:-${DEFAULT_IMAGES.postgres}}`);
    expect(there.services).to.contain('${PLATFORM_SERVICE_URL:-http://platform:3000}');
  });

  it('runs migrations before every instance, with the image of the service, and publishes ports that a person can change', () => {
    const services = servicesOf({ containers: CONTAINERS, replicaPorts: [3005] }) as unknown as Readonly<
      Record<string, Readonly<Record<string, unknown>>>
    >;
    const { 'crm-migrate': migrate, 'crm-api': api, 'crm-api-2': second, 'crm-db': db } = services;
    expect(migrate?.['image']).to.equal('crm-api:${CRM_TAG:-1.0.0-c0ffee0}').and.equal(api?.['image']);
    for (const instance of [api, second])
      expect(instance?.['depends_on']).to.deep.equal({
        'crm-db': { condition: 'service_healthy' },
        'crm-migrate': { condition: 'service_completed_successfully' },
      });
    expect([db, api, second].map((one) => one?.['ports'])).to.deep.equal([
      ['127.0.0.1:${CRM_DB_PORT:-5436}:5432'],
      ['127.0.0.1:${CRM_API_PORT:-3004}:3004'],
      ['127.0.0.1:${CRM_API_2_PORT:-3005}:3004'],
    ]);
    for (const [name, one] of Object.entries(services))
      expect(one, name).to.not.have.property('container_name');
  });

  it('tags images with the version and the exported commit', () => {
    const input = infrastructureInput({ id: 'crm', version: '2.1.0-rc.1+build.7' });
    expect(imagesOf(input).api).to.equal('crm-api:2.1.0-rc.1_build.7-c0ffee0');
    expect(imagesOf({ ...input, preflight: { commit: '' } }).web).to.equal('crm-web:2.1.0-rc.1_build.7');
  });

  it('checks containers every 10 to 30 seconds, and the service by its readiness', () => {
    const services = servicesOf({ containers: CONTAINERS, replicaPorts: [3005] });
    for (const [name, { healthcheck }] of Object.entries(services))
      if (healthcheck !== undefined && healthcheck.disable !== true)
        expect(Number.parseInt(healthcheck.interval ?? '', 10), name).to.be.within(10, 30);
    for (const name of ['crm-api', 'crm-api-2'])
      expect(services[name]?.healthcheck?.test?.join(' ')).to.contain('/readyz');
    expect(JSON.stringify(services)).to.not.contain('start_interval');
  });

  it('checks containers often while they start, where engine and compose can', () => {
    const services = servicesOf({ containers: { ...CONTAINERS, startInterval: true } });
    for (const [name, { healthcheck }] of Object.entries(services))
      if (healthcheck?.disable !== true) expect(healthcheck?.start_interval, name).to.equal('1s');
  });

  it('gives a stopping service time to drain and to finish its requests', () => {
    const server = render('service/src/server.ts.ejs', {
      names: { api: 'crm-api' },
      layout: layoutOf({ toolId: 'crm' }),
    });
    const [drain, grace] = ['DRAIN_LIMIT_MS', 'STOP_GRACE_MS'].map((name) =>
      Number(new RegExp(`${name} = ([0-9_]+)`).exec(server)?.[1]?.replaceAll('_', '')),
    );
    const stop = Number.parseInt(servicesOf({})['crm-api']?.stop_grace_period ?? '', 10) * 1_000;
    expect(stop).to.be.greaterThan(drain! + grace!);
  });
});

describe('the frequent checks of a starting container', () => {
  for (const [api, compose, known] of [
    ['1.44', '2.21.0', true],
    ['1.51', 'v2.40.1-desktop.1', true],
    ['2.0', '5.0.0', true],
    ['1.43', '2.26.1', false],
    ['1.44', '2.20.3', false],
    ['1.44', '1.29.2', false],
    ['1.5', '2.26.1', false],
  ] as const)
    it(`are ${known ? '' : 'not '}used with engine API ${api} and compose ${compose}`, async () => {
      const engine = { version: () => Promise.resolve({ ApiVersion: api }) } as unknown as Parameters<
        typeof knowsStartInterval
      >[0];
      expect(await knowsStartInterval(engine, () => Promise.resolve({ version: compose }))).to.equal(known);
    });
});

describe('the base images of an exported app', () => {
  it('passes base images as build arguments with the same defaults in the Dockerfiles of the API and the web app', async () => {
    const manifest = parseManifest({
      id: 'crm',
      name: 'CRM',
      version: '1.0.0',
      status: 'beta',
      route: '/tools/crm',
    });
    const web = await renderWebApp({
      root: process.cwd(),
      manifest,
      servicePort: 3004,
      hasShared: false,
      toolPlace: 'src/app/',
    });
    const api = render('service/Dockerfile.ejs', {
      id: 'crm',
      names: { api: 'crm-api' },
      nodeImage: DEFAULT_IMAGES.node,
      installScripts: false,
      hasManifest: false,
      hasDatabaseFolder: false,
      servicePort: 3004,
      label: JSON.stringify,
      name: '',
      description: '',
      version: '',
      commit: '',
    });
    for (const dockerfile of [api, web['Dockerfile'] ?? ''])
      expect(dockerfile).to.contain(`ARG NODE_IMAGE=${DEFAULT_IMAGES.node}\n`);
    expect(web['Dockerfile']).to.contain(`ARG NGINX_IMAGE=${DEFAULT_IMAGES.nginx}\n`);
  });
});

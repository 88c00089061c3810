import { expect } from 'chai';
import type Docker from 'dockerode';
import { namesOf } from '../../../../contracts/naming.ts';
import type { ToolId } from '../../../../contracts/ids.ts';
import { findPlatformContainer } from '../../../../exporter/adapters/docker/platform-container.ts';
import { platformForContainers } from '../../../../exporter/adapters/docker/platform-for-containers.ts';
import { dirtyFiles } from '../../../../exporter/steps/preflight/dirty-files.ts';
import type { SharedFacts } from '../../../../exporter/core/facts.ts';
import { chooseRuntime } from '../../../../exporter/commands/export/choose-runtime.ts';
import { RefusedError } from '../../../../exporter/core/failures.ts';

const IMAGES = { node: 'node:x', postgres: 'postgres:x', nginx: 'nginx:x' };

class EngineError extends Error {
  readonly statusCode: number;
  readonly json: { readonly message: string };
  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
    this.json = { message };
  }
}

/** An engine with these images, and with this answer of the registry for all others. */
function engineWith(options: {
  readonly away?: boolean;
  readonly here?: readonly string[];
  readonly registry?: EngineError | 'has it';
}): Docker {
  const { away = false, here = [], registry = 'has it' } = options;
  return {
    ping: () => (away ? Promise.reject(new Error('ENOENT')) : Promise.resolve('OK')),
    getImage: (name: string) => ({
      inspect: () =>
        here.includes(name)
          ? Promise.resolve({
              Id: `sha256:id-${name}`,
              RepoDigests: name.startsWith('node') ? [`${name}@sha256:of-registry`] : [],
            })
          : Promise.reject(new EngineError(404, 'No such image')),
      distribution: () =>
        registry === 'has it'
          ? Promise.resolve({ Descriptor: { digest: `sha256:${name}` } })
          : Promise.reject(registry),
    }),
  } as unknown as Docker;
}

async function refusalOf(work: Promise<unknown>): Promise<RefusedError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('choice of the runtime', () => {
  const offline = new EngineError(500, 'dial tcp: lookup registry-1.docker.io: no such host');
  const hasCompose = (): Promise<boolean> => Promise.resolve(true);
  const choose = (requested: 'auto' | 'docker', engine: Docker, compose = true) =>
    chooseRuntime({ requested, images: IMAGES, engine, hasCompose: () => Promise.resolve(compose) });

  it('chooses Docker when engine, compose and base images are available', async () => {
    const there = engineWith({ here: Object.values(IMAGES), registry: offline });
    expect(await choose('auto', there)).to.deep.include({ runtime: 'docker', findings: [] });
    expect(await choose('auto', engineWith({ here: ['node:x'] }))).to.include({ runtime: 'docker' });
  });

  it('reads the digest of each base image: of its registry, or its id where no registry has it', async () => {
    const { digests } = await choose('auto', engineWith({ here: ['node:x', 'postgres:x'] }));
    expect(digests).to.deep.equal({
      'node:x': 'sha256:of-registry',
      'postgres:x': 'sha256:id-postgres:x',
      'nginx:x': 'sha256:nginx:x',
    });
  });

  it('chooses the local runtime when a requirement of Docker is missing, and names it', async () => {
    for (const [engine, compose, why] of [
      [engineWith({ away: true }), true, 'No containers: Docker is not running'],
      [engineWith({}), false, 'No containers: Neither "docker compose" nor "docker-compose" works here'],
      [
        engineWith({ here: ['node:x', 'postgres:x'], registry: offline }),
        true,
        'No containers: The base image nginx:x is not on this machine and cannot be pulled: dial tcp: lookup registry-1.docker.io: no such host',
      ],
    ] as const) {
      const { runtime, findings } = await choose('auto', engine, compose);
      expect(runtime).to.equal('local');
      expect(findings.map(({ message, severity }) => `${severity} ${message}`)).to.deep.equal([
        `info ${why}`,
      ]);
    }
  });

  it('refuses --runtime=docker with every missing requirement and its remedy', async () => {
    const error = await refusalOf(choose('docker', engineWith({ registry: offline }), false));
    expect(error.code).to.equal('engine-unavailable');
    expect(error.findings).to.have.length(4);
    for (const { severity, remedy } of error.findings) {
      expect(severity).to.equal('error');
      expect(remedy).to.contain('--runtime=local');
    }
    expect((await refusalOf(choose('docker', engineWith({ away: true })))).message).to.equal(
      'Docker is not running',
    );
  });

  it('allows images that need a registry login with --runtime=docker only', async () => {
    const engine = engineWith({ registry: new EngineError(401, 'unauthorized') });
    const { runtime, findings } = await choose('docker', engine);
    expect(runtime).to.equal('docker');
    expect(findings.map((f) => f.severity)).to.deep.equal(['warning', 'warning', 'warning']);
    expect(await choose('auto', engine)).to.include({ runtime: 'local' });
  });

  it('checks no engine with --runtime=local', async () => {
    const engine = engineWith({ away: true });
    expect(await chooseRuntime({ requested: 'local', images: IMAGES, engine, hasCompose })).to.deep.equal({
      runtime: 'local',
      findings: [],
      digests: {},
    });
  });
});

describe('the address of the platform for containers', () => {
  const engineOf = (
    options: { desktop?: boolean; platformRuns?: boolean; config?: object; env?: readonly string[] } = {},
  ): Docker =>
    ({
      info: () =>
        Promise.resolve({ OperatingSystem: options.desktop === true ? 'Docker Desktop' : 'Debian' }),
      ping: () => Promise.resolve('OK'),
      listContainers: () =>
        Promise.resolve(
          options.platformRuns === true
            ? [
                {
                  Id: 'c1',
                  State: 'running',
                  Labels: {},
                  Ports: [{ PrivatePort: 5432, PublicPort: 5439, Type: 'tcp' }],
                },
              ]
            : [],
        ),
      getContainer: () => ({
        inspect: () => Promise.resolve({ Config: { Env: options.env ?? ['PLATFORM_MODE=development'] } }),
      }),
      getNetwork: () => ({
        inspect: () =>
          Promise.resolve({
            IPAM: { Config: [{ Subnet: 'x' }, options.config ?? { Gateway: '172.17.0.1' }] },
          }),
      }),
    }) as unknown as Docker;
  const ask = (mode: 'development' | 'production', engine: Docker, reachable: boolean) =>
    platformForContainers({
      root: '/x/repo',
      toolId: 'crm' as ToolId,
      mode,
      platformUrl: 'http://127.0.0.1:3000',
      engine,
      answers: (url) => Promise.resolve(reachable && url === 'http://172.17.0.1:3000/api/registry/livez'),
    });
  const keysAt = (serviceUrl: string) => ({
    PLATFORM_SERVICE_URL: serviceUrl,
    PLATFORM_JWKS_URL: `${serviceUrl}/.well-known/jwks.json`,
    PLATFORM_ISSUER: 'generator-platform',
    PLATFORM_AUDIENCE: 'tool:crm',
  });

  it('reads the mode of a platform in a container from that container, and the port of its database', async () => {
    const production = engineOf({ platformRuns: true, env: ['NODE_ENV=x', 'PLATFORM_MODE=production'] });
    expect(await findPlatformContainer('/x/repo', production)).to.deep.equal({
      mode: 'production',
      databasePort: 5439,
    });
    expect(await findPlatformContainer('/x/repo', engineOf({ platformRuns: true }))).to.include({
      mode: 'development',
    });
    expect(await findPlatformContainer('/x/repo', engineOf())).to.equal(null);
    const away = Object.assign(engineOf(), { ping: () => Promise.reject(new Error('ENOENT')) });
    expect(await findPlatformContainer('/x/repo', away)).to.equal(null);
  });

  it('containers reach a platform in a container by its container name', async () => {
    const { variables, findings } = await ask('production', engineOf({ platformRuns: true }), false);
    expect(variables).to.deep.equal(keysAt('http://platform:3000'));
    expect(findings).to.deep.equal([]);
  });

  it('containers reach a platform on this machine by the host, and always with Docker Desktop', async () => {
    for (const found of [
      ask('production', engineOf(), true),
      ask('production', engineOf({ desktop: true }), false),
      // a bridge network without a gateway yet, as right after its creation
      ask('production', engineOf({ config: { Subnet: '172.17.0.0/16' } }), true),
    ])
      expect((await found).variables).to.deep.equal(keysAt('http://host.docker.internal:3000'));
  });

  it('reports a platform that listens on loopback only: an error in production, a warning in development', async () => {
    const refused = await ask('production', engineOf(), false);
    expect(refused.findings.map((f) => f.severity)).to.deep.equal(['error']);
    expect(refused.findings[0]?.remedy).to.contain('PLATFORM_HOST=0.0.0.0 npm start');
    const { variables, findings } = await ask('development', engineOf(), false);
    expect(findings.map((f) => f.severity)).to.deep.equal(['warning']);
    expect(variables).to.include({ PLATFORM_JWKS_URL: '', PLATFORM_ISSUER: '', PLATFORM_AUDIENCE: '' });
  });
});

describe('--allow-dirty', () => {
  const dirtyOf = (...dirty: string[]) =>
    dirtyFiles(
      {
        names: namesOf('crm' as ToolId),
        request: { allowDirty: true } as SharedFacts['request'],
        preflight: { dirty } as unknown as SharedFacts['preflight'],
      },
      ['src/carried/lib/money.ts', 'src/routes.ts'],
    );

  it('checks the files that the export reads or writes, including both files of the gateway', () => {
    const own = [
      'tools/crm/x.ts',
      'gateway/conf.d/crm.conf',
      'gateway/upstreams.d/crm.conf',
      'docker-compose.poc.yml',
      'lib/money.ts',
    ];
    const others = [
      'lib/time.ts',
      'routes.ts',
      'tools/hr/x.ts',
      'gateway/conf.d/hr.conf',
      'gateway/upstreams.d/hr.conf',
      'README.md',
    ];
    expect(dirtyOf(...own, ...others)).to.deep.equal(own);
  });
});

import { expect } from 'chai';
import { ManifestError, manifestProblems, parseManifest } from '../../contracts/manifest.ts';
import { RESERVED_TOOL_IDS, toolIdProblem } from '../../contracts/ids.ts';
import { namesOf } from '../../contracts/naming.ts';
import { SettingsError, parseSettings } from '../../contracts/settings.ts';

const minimal = { id: 'crm', name: 'CRM', version: '1.0.0', status: 'beta', route: '/tools/crm' };

describe('a manifest', () => {
  it('needs only what the registry was told by hand; the rest has defaults', () => {
    const manifest = parseManifest(minimal);
    expect(manifest.apiBase).to.equal('/api/tools/crm');
    expect(manifest.databaseSchema.tables).to.deep.equal([]);
    expect(manifest.permissions).to.deep.equal([]);
  });

  it('reports every problem at once, each with its JSON pointer', () => {
    const bad = {
      ...minimal,
      version: 'one',
      status: 'done',
      colour: 'red',
      endpoints: [
        { method: 'GET', path: '/a' },
        { method: 'FETCH', path: 'b', permissions: ['crm:read'] },
      ],
    };
    const pointers = manifestProblems(bad).map((p) => p.pointer);
    expect(pointers).to.include.members([
      '/version',
      '/status',
      '/colour',
      '/endpoints/1/method',
      '/endpoints/1/path',
      '/endpoints/1/permissions/0',
    ]);
    expect(() => parseManifest(bad)).to.throw(ManifestError);
  });

  it('says which form a value must have, not which pattern', () => {
    const messages = manifestProblems({ ...minimal, id: 'My CRM', version: '1' }).map((p) => p.message);
    expect(messages).to.include.members([
      'does not have the right form: Kebab-case that starts with a letter, such as task-manager',
      'does not have the right form: Semantic version, such as 1.0.0',
    ]);
  });

  it('refuses a route or an API base that is not its own', () => {
    const pointers = manifestProblems({ ...minimal, route: '/tools/other', apiBase: '/api/tools/other' }).map(
      (p) => p.pointer,
    );
    expect(pointers).to.deep.equal(['/route', '/apiBase']);
  });

  it('refuses what is not an object without throwing something else', () => {
    for (const input of [null, 1, 'x', [], undefined])
      expect(() => parseManifest(input)).to.throw(ManifestError);
  });

  const problemsOfPath = (path: string): readonly string[] =>
    manifestProblems({ ...minimal, endpoints: [{ method: 'GET', path }] }).map(({ message }) => message);

  it('declares every path that Express 5 routes', () => {
    const paths = [
      '/',
      '/@me',
      '/items/$count',
      '/a,b',
      '/files/*path',
      '/items{/:id}',
      '/v1\\(beta\\)',
      '/:a-:b.json',
    ];
    for (const path of [
      ...paths,
      '/:"user-id"',
      "/it's",
      '/ü',
      '/a;v=1',
      '/~x+y'.replace('+', '\\+'),
      '/100%25',
    ])
      expect(problemsOfPath(path), path).to.deep.equal([]);
  });

  it('refuses paths that Express 5 does not route, with the reason', () => {
    for (const path of ['/:', '/*', '/a(b)', '/what?', '/x{/y', '/a+b', '/v1!', '/[a]'])
      expect(problemsOfPath(path).join(), path).to.match(/is no path that Express 5 routes: .* at index \d+/);
    for (const path of ['items', '/a b', '/a\nb', '/a#b', '/<b>'])
      expect(problemsOfPath(path), path).not.to.be.empty;
    expect(problemsOfPath('{/a}'.repeat(40)).join()).not.to.equal('');
    expect(problemsOfPath(`/${'{a}'.repeat(40)}`).join()).to.include('more than 6 optional parts');
  });

  const problemsOfVariables = (...names: string[]): readonly string[] =>
    manifestProblems({ ...minimal, env: names.map((name) => ({ name })) }).map(
      ({ pointer, message }) => `${pointer}: ${message}`,
    );

  it('declares no variable of its host, with a name to use instead', () => {
    expect(problemsOfVariables('SMTP_HOST', 'PORT')).to.deep.equal([
      `/env/1/name: "PORT" is a variable of a tool's host. Choose a name of the tool's own, such as CRM_PORT`,
    ]);
    for (const name of ['PGPASSWORD', 'NODE_OPTIONS', 'PLATFORM_TOKEN', 'DATABASE_URL_FILE', 'LD_PRELOAD'])
      expect(problemsOfVariables(name).join(), name).to.include(`such as CRM_${name}`);
    const own = [
      'CRM_PORT',
      'SMTP_HOST',
      'API_KEY',
      'TZ',
      'HTTP_PROXY',
      'PLATFORM_SERVICE_URL',
      'REPORT_DATABASE_URL',
    ];
    expect(problemsOfVariables(...own, 'PGP_KEY', 'PORTAL', 'HOSTNAME_SUFFIX')).to.deep.equal([]);
  });

  it('declares each variable once, and not the file that holds another one', () => {
    expect(problemsOfVariables('A_KEY', 'A_KEY')).to.deep.equal(['/env/1/name: "A_KEY" is listed twice']);
    expect(problemsOfVariables('A_KEY_FILE', 'A_KEY').join()).to.include('Declare one of them');
    expect(problemsOfVariables('A_KEY_FILE')).to.deep.equal([]);
  });

  it('declares no permission in a domain of the platform', () => {
    const permissions = [
      'tools:write',
      'crm:read',
      'platform:everything',
      'exports:run',
      'webhooks:manage',
      'tools:x',
    ];
    const endpoints = [{ method: 'GET', path: '/', permissions: ['crm:read'] }];
    const problems = manifestProblems({ ...minimal, permissions, endpoints });
    expect(problems.map(({ pointer }) => pointer)).to.deep.equal(
      [0, 2, 3, 4, 5].map((i) => `/permissions/${i}`),
    );
    expect(problems[0]?.message).to.include('"tools:write" is in a domain of the platform');
    expect(manifestProblems({ ...minimal, permissions: ['*'] }).map(({ pointer }) => pointer)).to.deep.equal([
      '/permissions/0',
    ]);
    expect(manifestProblems({ ...minimal, permissions: ['toolsmith:write', 'crm:tools'] })).to.deep.equal([]);
  });

  it('parses a manifest without changing its input', () => {
    const input = structuredClone(minimal);
    parseManifest(input);
    expect(input).to.deep.equal(minimal);
  });
});

describe('a tool id', () => {
  it('refuses a tool id that is reserved, too long, or could be read as a path or an option', () => {
    const bad = [
      ...RESERVED_TOOL_IDS,
      'a'.repeat(51),
      '-a',
      'a--b',
      'a-',
      'A',
      '../x',
      'a b',
      'a;b',
      'é',
      '1a',
      '',
    ];
    for (const id of bad) expect(toolIdProblem(id), id).to.be.a('string');
  });

  it('gives names that PostgreSQL does not cut for a tool id of the greatest length', () => {
    const names = namesOf(
      parseManifest({ ...minimal, id: 'a'.repeat(50), route: `/tools/${'a'.repeat(50)}` }).id,
    );
    for (const name of [names.database, names.monolithRole, names.migratorRole])
      expect(name.length).to.be.at.most(63);
  });
});

describe('settings', () => {
  it('reports every unusable variable at once, and never prints the database address', () => {
    const env = {
      PLATFORM_PORT: 'x',
      GATEWAY_PORT: '70000',
      DATABASE_URL: 'mysql://u:secret@h/d',
      LOG_LEVEL: 'loud',
      PLATFORM_TRUSTED_PROXIES: '10.0.0.0/33',
      PLATFORM_WEBHOOK_NETWORKS: '10.0.0.1 localhost',
      GATEWAY_TLS_CERTIFICATE: 'tls.pem',
    };
    try {
      parseSettings(env);
      expect.fail('accepted');
    } catch (error) {
      expect(error).to.be.instanceOf(SettingsError);
      const { message } = error as Error;
      for (const name of Object.keys(env)) expect(message).to.contain(name);
      expect(message).not.to.contain('secret');
    }
  });

  it('reads lists of networks, and the certificate of the gateway', () => {
    const settings = parseSettings({
      PLATFORM_TRUSTED_PROXIES: '10.0.0.5, fd00::/8',
      PLATFORM_WEBHOOK_NETWORKS: '127.0.0.0/8',
      GATEWAY_TLS_CERTIFICATE: 'tls.pem',
      GATEWAY_TLS_KEY: 'tls.key',
    });
    expect(settings).to.deep.include({
      trustedProxies: ['10.0.0.5', 'fd00::/8'],
      webhookNetworks: ['127.0.0.0/8'],
      gatewayTls: { certificate: 'tls.pem', key: 'tls.key', port: 8443 },
    });
    expect(parseSettings({})).to.deep.include({ trustedProxies: [], webhookNetworks: [], gatewayTls: null });
  });
});

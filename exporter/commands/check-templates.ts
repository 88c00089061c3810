import { parseManifest, type Manifest } from '../../contracts/manifest.ts';
import { namesOf } from '../../contracts/naming.ts';
import { parseSettings } from '../../contracts/settings.ts';
import { WEB_APP_HEADERS } from '../../contracts/web-app-headers.ts';
import { renderNginxGateway } from '../../templating/nginx-gateway.ts';
import { problemIn } from '../../templating/parse-text.ts';
import { loadTemplate, TemplateError } from '../../templating/render.ts';
import { layoutOf } from '../generate/service/layout.ts';
import { HOST_PATHS, renderService } from '../generate/service/render-service.ts';
import { renderPackage, renderWebApp } from '../generate/web-app/render-web-app.ts';
import { PACKAGE_TEMPLATE, WEB_TEMPLATES } from '../generate/web-app/web-templates.ts';
import { composeEntryOf } from '../generate/infrastructure/compose-entry.ts';
import { gatewayFilesOf } from '../generate/infrastructure/gateway-conf.ts';

const HOSTILE = '"O\'Neil" `${x}` <%= y %> */ --> {{ z }} \\ ; $(id) 名前';

/** A minimal manifest, and one with every field and hostile texts. */
const MANIFESTS: readonly Manifest[] = [
  parseManifest({ id: 'x', name: 'X', version: '0.1.0', status: 'alpha', route: '/tools/x' }),
  parseManifest({
    id: 'sample-of-everything',
    name: HOSTILE,
    description: `${HOSTILE}\nRUN rm -rf /\n# two`,
    version: '10.20.30-beta.1',
    status: 'deprecated',
    owner: HOSTILE,
    route: '/tools/sample-of-everything',
    databaseSchema: { tables: ['sample_items', 'other."strange ""table"'] },
    endpoints: [
      { method: 'GET', path: '/items/:id', summary: HOSTILE, permissions: ['sample:read'] },
      { method: 'POST', path: '/items', summary: '', permissions: ['sample:write'] },
      { method: 'DELETE', path: '/items/:id', summary: 'One' },
      { method: 'GET', path: '/@me/$count/a,b{/:"odd-name"}/*path\\(x\\)' },
    ],
    permissions: ['sample:read', 'sample:write'],
    env: [
      { name: 'API_KEY', required: true, secret: true, description: HOSTILE },
      { name: 'REGION', required: false, secret: false, description: 'One\nTwo' },
    ],
    dependencies: ['inventory-tracker'],
  }),
];

/** A rendered file and its template. */
interface Rendered {
  readonly template: string;
  /** Name of the rendered file. */
  readonly file: string;
  readonly text: string;
}

/**
 * Renders every file of an export (service, web app, compose entry, gateway) for both manifests and parses the
 * result. Returns one line for each problem, with the template's file and line.
 */
export async function checkTemplates(root: string): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [i, manifest] of MANIFESTS.entries())
    for (const render of [service, webApp, infrastructure]) {
      try {
        for (const { template, file, text } of await render(manifest, root, i > 0)) {
          const problem = await problemIn(file, text);
          if (problem === null) continue;
          const found = loadTemplate(template, root).file;
          problems.push(
            `${found}:1: rendered for ${manifest.id} as ${file}, the result is invalid: ${problem}`,
          );
        }
      } catch (error) {
        if (error instanceof TemplateError) problems.push(error.message);
        else if (error instanceof SyntaxError) problems.push(unparsable(render, error, root));
        else
          problems.push(
            `${render.name} of ${manifest.id}: ${error instanceof Error ? error.message : String(error)}`,
          );
      }
    }
  return [...new Set(problems)];
}

/** Reports a prettier syntax error, whose message begins with the rendered file. */
function unparsable(render: typeof service, { message }: SyntaxError, root: string): string {
  const file = message.split(': ')[0] ?? '';
  const template =
    render === service ? serviceTemplate(file) : (WEB_SOURCES.get(file) ?? PACKAGE_TEMPLATE.source);
  return `${loadTemplate(template, root).file}:1: the result does not parse: ${message}`;
}

const serviceTemplate = (file: string): string => `service/${file.replace(/^\./, '')}.ejs`;

const WEB_SOURCES = new Map(WEB_TEMPLATES.map(({ destination, source }) => [destination, source]));

async function service(manifest: Manifest, root: string, everything: boolean): Promise<Rendered[]> {
  const files = await renderService({
    root,
    manifest,
    names: namesOf(manifest.id),
    servicePort: 3004,
    commit: 'c'.repeat(40),
    nodeImage: 'node:24-bookworm-slim',
    dependencies: { express: '5.0.0' },
    devDependencies: everything ? { mocha: '12.0.0' } : {},
    installScripts: everything,
    migrations: everything ? ["001-o'clock.sql", '002-two.sql'] : [],
    typeChecks: { strict: true },
    layout: layoutOf({
      toolId: manifest.id,
      own: everything ? ['backend/server.ts'] : [],
      hostFiles: HOST_PATHS,
    }),
    hasDatabaseFolder: everything,
    hasManifest: everything,
    hasTests: { unit: everything, integration: everything },
  });
  return Object.entries(files).map(([file, text]) => ({
    template: serviceTemplate(file),
    file,
    text,
  }));
}

async function webApp(manifest: Manifest, root: string, hasShared: boolean): Promise<Rendered[]> {
  const files = await renderWebApp({
    root,
    manifest,
    servicePort: 3004,
    hasShared,
    toolPlace: hasShared ? 'src/tool/frontend/' : 'src/app/',
  });
  const parts = {
    imports: { '#shared/*': './src/shared/*' },
    dependencies: { rxjs: '7.0.0' },
    devDependencies: {},
    overrides: {},
  };
  return [
    ...Object.entries(files).map(([file, text]) => ({ template: WEB_SOURCES.get(file) ?? file, file, text })),
    {
      template: PACKAGE_TEMPLATE.source,
      file: 'package.json',
      text: await renderPackage({ root, manifest }, parts),
    },
  ];
}

function infrastructure(manifest: Manifest, root: string, everything: boolean): Promise<Rendered[]> {
  const names = namesOf(manifest.id);
  const infrastructureFacts = {
    findings: [],
    composeText: null,
    gatewayText: null,
    upstreamText: null,
    gatewayPort: 8080,
    databasePort: 5436,
    replicaPorts: everything ? [3005, 3006] : [],
    platformKeys: {},
    composeProject: 'platform',
  };
  const settings = parseSettings(everything ? { PLATFORM_MODE: 'production' } : {});
  const preflight = { commit: 'c0ffee'.padEnd(40, '0') };
  const facts = {
    manifest,
    names,
    settings,
    servicePort: 3004,
    preflight,
    infrastructure: infrastructureFacts,
  };
  const gateway = Object.entries(gatewayFilesOf(facts)).map(([file, text]) => ({
    template: `infra/gateway-${file.includes('upstreams.d') ? 'upstream' : 'route'}.conf.ejs`,
    file,
    text,
  }));
  const { services, volumes, networks, secrets } = composeEntryOf(facts);
  const compose = 'infra/compose-service.yml.ejs';
  const place = {
    folder: '/srv/a b',
    apps: '/srv/apps',
    platformPort: 3000,
    gatewayPort: 8080,
    user: everything ? 'nobody nogroup' : '',
    hidesCookies: everything,
    webAppHeaders: WEB_APP_HEADERS,
    trustedProxies: everything ? ['10.0.0.5', 'fd00::/8'] : [],
    tls: everything
      ? { host: '::1', port: 8443, certificate: '/srv/a b/tls.pem', key: '/srv/a b/tls.key' }
      : null,
  };
  const nginx = renderNginxGateway(place, { root });
  return Promise.resolve([
    ...gateway,
    ...Object.entries({ services, volumes, networks, secrets }).map(([section, text]) => ({
      template: compose,
      file: `${section}.yml`,
      text,
    })),
    { template: 'infra/nginx.local.conf.ejs', file: 'nginx.conf', text: nginx },
  ]);
}

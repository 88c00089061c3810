/** Part of the web app that a file belongs to: the application, or the address of the service. */
export type WebPart = 'host' | 'addresses';

export interface WebTemplate {
  /** Below `templates/`. */
  readonly source: string;
  /** Below `apps/<id>-web/`. */
  readonly destination: string;
  readonly part: WebPart;
}

const file = (destination: string, options: { source?: string; part?: WebPart } = {}): WebTemplate => ({
  source: `web/${options.source ?? destination}`,
  destination,
  part: options.part ?? 'host',
});
const ejs = (destination: string, part: WebPart = 'host'): WebTemplate =>
  file(destination, { source: `${destination}.ejs`, part });

/** Every generated file of a web app except package.json and its lock file, which depend on the others. */
export const WEB_TEMPLATES: readonly WebTemplate[] = [
  ejs('angular.json'),
  ejs('Dockerfile'),
  ejs('nginx.conf'),
  ejs('README.md'),
  file('.dockerignore', { source: 'dockerignore' }),
  file('.gitignore', { source: 'gitignore' }),
  file('eslint.config.mjs'),
  file('tsconfig.json'),
  file('tsconfig.app.json'),
  file('public/favicon.svg'),
  file('public/config.json', { part: 'addresses' }),
  ejs('development/config.json', 'addresses'),
  ejs('development/proxy.conf.json', 'addresses'),
  ejs('src/index.html'),
  file('src/main.ts'),
  file('src/styles.scss'),
  ejs('src/app/app.component.ts'),
  file('src/app/app.component.scss'),
  file('src/app/app.config.ts'),
  ejs('src/app/app.routes.ts'),
  ejs('src/environments/environment.ts', 'addresses'),
  ejs('src/environments/environment.prod.ts', 'addresses'),
  file('src/host/bearer-token.interceptor.ts'),
  file('src/host/leave-for-platform.ts'),
  file('src/host/not-found.component.ts'),
  file('src/host/runtime-config.ts'),
  file('src/host/session.ts'),
  file('src/host/theme.ts'),
];

export const PACKAGE_TEMPLATE = ejs('package.json');

import { readdirSync } from 'node:fs';
import path from 'node:path';

/** A file of a workspace and where its text comes from. */
export interface WorkspaceFile {
  /** In the workspace, POSIX separators. */
  readonly destination: string;
  /** A template below `templates/workspace/`, a file of the platform's package, or nothing. */
  readonly source: { readonly template: string } | { readonly package: string } | null;
}

const template = (source: string, destination = source.replace(/\.ejs$/, '')): WorkspaceFile => ({
  destination,
  source: { template: `workspace/${source}` },
});
const fromPackage = (file: string): WorkspaceFile => ({ destination: file, source: { package: file } });
/** Keeps an empty folder in git. */
const folder = (name: string): WorkspaceFile => ({ destination: `${name}/.gitkeep`, source: null });

export const COMPOSE_FILE = 'docker-compose.poc.yml';

/** npm packs no `.npmrc` and no `.gitignore`, so no template has a leading dot. */
const FILES: readonly WorkspaceFile[] = [
  template('package.json.ejs'),
  template('README.md.ejs'),
  template('gulpfile.ts'),
  template('gulp.js', '.gulp.js'),
  template('plopfile.ts'),
  template('tsconfig.json'),
  template('tsconfig.web.json'),
  template('eslint.config.js'),
  template('prettierrc.json', '.prettierrc.json'),
  template('prettierignore', '.prettierignore'),
  template('mocharc.json', '.mocharc.json'),
  template('npmrc', '.npmrc'),
  template('gitignore', '.gitignore'),
  template('editorconfig', '.editorconfig'),
  template('dockerignore.ejs', '.dockerignore'),
  template('github/ci.yml.ejs', '.github/workflows/ci.yml'),
  template('docker/platform.Dockerfile.ejs'),
  template('templates.local/README.md'),
  fromPackage('docker/make-secrets.mjs'),
  fromPackage(COMPOSE_FILE),
  fromPackage('gateway/nginx.conf'),
  folder('gateway/conf.d'),
  folder('gateway/upstreams.d'),
  folder('tools'),
  folder('shared'),
];

/** The files of a workspace; `platform` is the folder of the platform's package. */
export function workspaceFiles(platform: string): readonly WorkspaceFile[] {
  const shared = readdirSync(path.join(platform, 'gateway', 'shared')).sort();
  return [...FILES, ...shared.map((name) => fromPackage(`gateway/shared/${name}`))];
}

/** `npm run build`: the package as it is published, in `dist/`. JavaScript for every Node, beside the files it reads. */
import { execFileSync } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findWorkspace } from '../templating/roots.ts';

/** Read at run time, as they are. */
const CARRIED = [
  'templates',
  'migrations',
  'registry-api/store/sql-migrations.ts',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
];
const DROPPED = ['devDependencies', 'scripts', 'files', 'allowScripts', 'overrides'];

const root = findWorkspace(process.cwd());
const dist = path.join(root, 'dist');
await rm(dist, { recursive: true, force: true });
execFileSync('tsc', ['-p', path.join(root, 'script/tsconfig.build.json')], { cwd: root, stdio: 'inherit' });
for (const name of CARRIED) await cp(path.join(root, name), path.join(dist, name), { recursive: true });
await writeFile(path.join(dist, 'package.json'), await packageJson());
process.stdout.write(`Built ${path.relative(process.cwd(), dist)}/. Try it: npm pack --dry-run ./dist\n`);

/** The repository's own, with JavaScript where it names TypeScript, and without what only a checkout needs. */
async function packageJson(): Promise<string> {
  const source = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  const kept = Object.fromEntries(Object.entries(source).filter(([name]) => !DROPPED.includes(name)));
  const dependencies = { ...(source['dependencies'] as Record<string, string>) };
  delete dependencies['generator-platform']; // the link to itself that a checkout needs
  return `${JSON.stringify({ ...kept, bin: inJavaScript(source['bin']), imports: inJavaScript(source['imports']), dependencies }, null, 2)}\n`;
}

function inJavaScript(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/\.ts"/g, '.js"'));
}

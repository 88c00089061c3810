/**
 * `npm run build`: the package as it is published, in `dist/` (or `--output=FOLDER`): JavaScript with types, and the files
 * that it reads.
 */
import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { findWorkspace, PACKAGE_NAME } from '../templating/roots.ts';
import { publishedPackageJson, type PackageJson } from './publish/package-json.ts';

/** Read at run time, as they are in git. */
const CARRIED = [
  'templates',
  'migrations',
  'monolith/web',
  'gateway',
  'docker',
  'docs/*.md',
  'docker-compose.poc.yml',
  'tools/inventory-tracker',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
];
/** Sources that an export copies into services and web apps. */
const SOURCES = ['contracts', 'registry-api/store/sql-migrations.ts'];

const root = findWorkspace(process.cwd());
const flags = parseProgramFlags('build', process.argv.slice(2), {
  output: { type: 'string', value: 'FOLDER', text: 'where to build; default: dist' },
});
const dist = path.resolve(root, flags.output ?? 'dist');
await rm(dist, { recursive: true, force: true });
const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
const project = path.join(root, 'script/tsconfig.build.json');
execFileSync(process.execPath, [compiler, '-p', project, '--outDir', dist], { cwd: root, stdio: 'inherit' });
await carry(CARRIED, dist);
await carry(SOURCES, path.join(dist, 'sources'));
await nameJavaScriptInTypes();
const source = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as PackageJson;
const published = publishedPackageJson(source);
await writeFile(path.join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
for (const program of Object.values(published.bin)) await chmod(path.join(dist, program), 0o755);
process.stdout.write(
  `Built ${path.relative(process.cwd(), dist)}/ of ${PACKAGE_NAME}. Pack it: npm pack ./dist\n`,
);

/** Copies tracked files only: caches and builds stay behind. */
async function carry(names: readonly string[], target: string): Promise<void> {
  const listed = execFileSync('git', ['ls-files', '-z', '--', ...names], { cwd: root, encoding: 'utf8' });
  for (const file of listed.split('\0').filter((name) => name !== '')) {
    await mkdir(path.dirname(path.join(target, file)), { recursive: true });
    await cp(path.join(root, file), path.join(target, file));
  }
}

/** The compiler names TypeScript in declarations; the package has JavaScript beside them. */
async function nameJavaScriptInTypes(): Promise<void> {
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.d.ts')) continue;
    const file = path.join(entry.parentPath, entry.name);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll(/(from |import\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2'));
  }
}

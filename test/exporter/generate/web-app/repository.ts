import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseManifest, type Manifest } from '../../../../contracts/manifest.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import type { Finding } from '../../../../contracts/plan.ts';
import { createFilesPort } from '../../../../exporter/adapters/files/files.ts';
import {
  generateWebApp,
  type GeneratedWebApp,
} from '../../../../exporter/generate/web-app/generate-web-app.ts';
import { findWorkspace } from '../../../../templating/roots.ts';

export const SOURCE = findWorkspace(process.cwd());
export const COMMIT = 'c0ffee'.padEnd(40, '0');

/** Repository files that the export of a frontend reads. */
const READ = [
  'package.json',
  'package-lock.json',
  '.prettierrc.json',
  '.gitignore',
  'templates/web',
  'contracts',
];
const READ_TOO = ['monolith/web/tsconfig.json', 'exporter/generate/web-app'];

export interface Repository {
  readonly root: string;
  /** Writes files, by path in the repository. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  read(file: string): Promise<string>;
  facts(manifest: Manifest, options?: { keepEdits?: boolean }): Promise<GeneratedWebApp>;
  remove(): Promise<void>;
}

/** A temporary repository with the files that the export of a frontend reads, and no tool. */
export async function makeRepository(): Promise<Repository> {
  const root = await mkdtemp(path.join(tmpdir(), 'web-export-'));
  for (const file of [...READ, ...READ_TOO])
    await cp(path.join(SOURCE, file), path.join(root, file), { recursive: true });
  await symlink(path.join(SOURCE, 'node_modules'), path.join(root, 'node_modules'));
  // All tests share one build cache, which depends on packages only
  await mkdir(path.join(SOURCE, '.platform/cache'), { recursive: true });
  await mkdir(path.join(root, '.platform'));
  await symlink(path.join(SOURCE, '.platform/cache'), path.join(root, '.platform/cache'));
  return {
    root,
    async write(files) {
      for (const [file, text] of Object.entries(files)) {
        await mkdir(path.join(root, path.dirname(file)), { recursive: true });
        await writeFile(path.join(root, file), text);
      }
    },
    read: (file) => readFile(path.join(root, file), 'utf8'),
    facts: (manifest, options = {}) =>
      generateWebApp({
        root,
        files: createFilesPort(root, path.join(root, '.platform')),
        manifest,
        names: namesOf(manifest.id),
        servicePort: 3004,
        commit: COMMIT,
        ...options,
      }),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

export const manifestOf = (fields: object): Manifest =>
  parseManifest({ id: 'field-notes', name: 'Field Notes', version: '1.2.0', ...fields });

/** Copies the inventory tracker of this repository. */
export async function inventoryTracker(repository: Repository): Promise<Manifest> {
  const folder = 'tools/inventory-tracker';
  await cp(path.join(SOURCE, folder), path.join(repository.root, folder), { recursive: true });
  return parseManifest(JSON.parse(await repository.read(`${folder}/manifest.json`)));
}

/** A small exportable tool; `files` add to or replace its files. */
export function smallTool(files: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const all: Record<string, string> = {
    'tool.routes.ts': `import type { Routes } from '@angular/router';
export const toolRoutes: Routes = [
  { path: '', loadComponent: () => import('./components/notes.component.ts').then((m) => m.NotesComponent) },
];
`,
    'components/notes.component.ts': `import { Component } from '@angular/core';
@Component({ selector: 'app-notes', template: '<h1>Notes</h1>' })
export class NotesComponent {}
`,
    ...files,
  };
  return Object.fromEntries(
    Object.entries(all).map(([file, text]) => [`tools/field-notes/frontend/${file}`, text]),
  );
}

/** `code file:line` of errors and warnings. */
export const problems = (findings: readonly Finding[]): readonly string[] =>
  findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ code, file, line }) => `${code} ${file ?? ''}${line === undefined ? '' : `:${String(line)}`}`);

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseManifest } from '../../../../contracts/manifest.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import { createFilesPort } from '../../../../exporter/adapters/files/files.ts';
import { bytesOf } from '../../../../exporter/core/file-content.ts';
import {
  generateService,
  type GeneratedService,
} from '../../../../exporter/generate/service/generate-service.ts';
import { createIsolationPort } from '../../../../exporter/adapters/isolation/isolation.ts';
import type { IsolationPort, ProcessPort } from '../../../../exporter/core/ports.ts';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** Generates the service of a tool of this repository, or of the one at `root`. */
export async function factsOf(
  toolId: string,
  options: { root?: string; keepEdits?: boolean } = {},
): Promise<GeneratedService> {
  const { root = process.cwd(), keepEdits = false } = options;
  const file = path.join(root, 'tools', toolId, 'manifest.json');
  const manifest = parseManifest(JSON.parse(readFileSync(file, 'utf8')));
  return generateService({
    root,
    files: createFilesPort(root, path.join(root, '.platform')),
    manifest,
    names: namesOf(manifest.id),
    servicePort: 3004,
    commit: COMMIT,
    keepEdits,
    nodeImage: 'node:24-bookworm-slim',
  });
}

export function writeTree(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, bytesOf(text));
  }
}

/** A folder with no `node_modules` above it. */
export const emptyFolder = (): string => mkdtempSync(path.join(tmpdir(), 'exported-'));

/** A temporary repository with the files that an export reads and the given tools. */
export function scratchRepository(tools: readonly string[]): string {
  const root = emptyFolder();
  const shared = [
    'contracts',
    'templates',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    '.prettierrc.json',
  ];
  for (const part of [...shared, ...tools.map((tool) => `tools/${tool}`)])
    cpSync(path.resolve(part), path.join(root, part), { recursive: true });
  symlinkSync(path.resolve('registry-api'), path.join(root, 'registry-api'));
  return root;
}

/** Links the exporter's programs into a temporary repository. */
export function linkPrograms(root: string): void {
  for (const part of ['node_modules', 'monolith', 'templating', 'exporter'])
    symlinkSync(path.resolve(part), path.join(root, part));
}

/** Empty folders for apps. Packages are kept beside the builds of this test run. */
export const isolationOf = (root: string, processes: ProcessPort): IsolationPort => {
  const builds = process.env['PLATFORM_BUILD_CACHE'];
  return createIsolationPort({
    root,
    jobId: 'test',
    store: path.join(builds ?? path.join(tmpdir(), 'test-builds'), 'packages'),
    scratch: path.join(root, '.platform/tmp'),
    processes,
  });
};

/** Adds environment variables to every program that the port runs. */
export const withEnvironment = (port: ProcessPort, env: Record<string, string>): ProcessPort => ({
  ...port,
  run: (command, args, options) => port.run(command, args, { ...options, env: { ...env, ...options.env } }),
});

export interface Ran {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a program to its end, with the given environment, PATH, HOME and certificate settings only. */
export function run(
  folder: string,
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const { PATH = '', HOME = '', ...own } = process.env;
  const certificates = Object.entries(own).filter(([name]) =>
    /^(NODE_EXTRA_CA_CERTS|npm_config_|SSL_CERT)/.test(name),
  );
  // Without this repository's node_modules/.bin: the service installs its own Node
  const programs = PATH.split(':')
    .filter((part) => !part.includes('node_modules'))
    .join(':');
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      {
        cwd: folder,
        env: { PATH: programs, HOME, ...Object.fromEntries(certificates), ...env },
        maxBuffer: 32 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const code: unknown = error === null ? 0 : error.code;
        resolve({ exitCode: typeof code === 'number' ? code : 1, output: stdout + stderr });
      },
    );
  });
}

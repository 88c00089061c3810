import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parseManifest } from '../../../../contracts/manifest.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import { planStep } from '../../../../exporter/core/step.ts';
import type { GeneratedService } from '../../../../exporter/generate/service/generate-service.ts';
import type { BackendFacts } from '../../../../exporter/steps/backend/facts.ts';
import { backendStep } from '../../../../exporter/steps/backend/index.ts';
import { RECORDED_FILE } from '../../../../exporter/steps/backend/operations/record-contract.ts';
import { operationOf } from '../../../support/operations.ts';
import { createDatabase } from '../../../support/postgres.ts';
import {
  factsOf,
  linkPrograms,
  scratchRepository,
  writeTree,
} from '../../generate/service/exported-service.ts';
import { gatePorts } from '../../generate/service/gate-ports.ts';

/** Paths of the tool's routes, and what each must answer on both hosts. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/worker': { sum: 42 },
  '/program': 'from a TypeScript program\n',
  '/script': 'from a shell script\n',
  '/plugins': ['one.ts', 'two.ts'],
  '/query': 'SELECT 1;\n',
  '/legacy': { legacy: true },
  '/formats': ['tool: 1', 'repository: 1'],
  '/manifest': ['Odd', 'Odd'],
};

const INDEX = `
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Router, type ErrorRequestHandler } from 'express';
import manifest from '../manifest.json' with { type: 'json' };
import { format as repositoryFormat } from '#shared/format';
import { legacy } from './legacy.js';
import { format } from './shared/format.ts';

const run = promisify(execFile);
const at = (file: string) => fileURLToPath(new URL(file, import.meta.url));

// Habits that the lint rules of generated code refuse
export default function createRouter(_context: any) {
  const router = Router();
  console.log('odd');
  const first = [1][0]!;
  router.get('/worker', (_request, response) => {
    const worker = new Worker(new URL('./sum.worker.ts', import.meta.url), { workerData: [40, 2] });
    worker.once('message', (sum: number) => response.json({ sum }));
  });
  router.get('/program', async (_request, response) => {
    const { stdout } = await run(process.execPath, [fileURLToPath(new URL('./report.ts', import.meta.url))]);
    response.json(stdout);
  });
  router.get('/script', async (_request, response) => {
    const { stdout } = await run(fileURLToPath(new URL('./run.sh', import.meta.url)), []);
    response.json(stdout);
  });
  router.get('/plugins', async (_request, response) => {
    response.json((await readdir(new URL('./plugins/', import.meta.url))).filter((file) => file.endsWith('.ts')).sort());
  });
  router.get('/query', async (_request, response) => {
    response.json(await readFile(new URL('./query.sql', import.meta.url), 'utf8'));
  });
  router.get('/legacy', (_request, response) => {
    response.json(legacy());
  });
  router.get('/formats', (_request, response) => {
    response.json([format(first), repositoryFormat(first)]);
  });
  router.get('/manifest', async (_request, response) => {
    const text = await readFile(new URL('../manifest.json', import.meta.url), 'utf8');
    response.json([manifest.name, (JSON.parse(text) as { name: string }).name]);
  });
  const onError: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(500).json({ message: error.message });
  };
  router.use(onError);
  return router;
}
`;

const FILES: Readonly<Record<string, string>> = {
  'backend/index.ts': INDEX.replace(/^const at.*\n/m, ''),
  'backend/sum.worker.ts': `import { parentPort, workerData } from 'node:worker_threads';
const numbers: readonly number[] = workerData;
parentPort?.postMessage(numbers.reduce((sum, n) => sum + n, 0));
`,
  'backend/report.ts': `const text: string = 'from a TypeScript program';\nprocess.stdout.write(text + '\\n');\n`,
  'backend/run.sh': '#!/bin/sh\necho from a shell script\n',
  'backend/plugins/one.ts': 'export const one = 1;\n',
  'backend/plugins/two.ts': 'export const two = 2;\n',
  'backend/query.sql': 'SELECT 1;\n',
  'backend/legacy.js': 'export const legacy = () => ({ legacy: true });\n',
  'backend/legacy.d.ts': 'export declare function legacy(): { legacy: boolean };\n',
  'backend/shared/format.ts': 'export const format = (n: number) => `tool: ${n}`;\n',
};

/** Names that the service has for its own files. */
const TAKEN: Readonly<Record<string, string>> = {
  'backend/server.ts': 'export const server = 1;\n',
  'backend/config/database.config.ts': 'export const database = 1;\n',
  'backend/middleware/error.middleware.ts': 'export const error = 1;\n',
};

describe('odd code of a tool', function () {
  let root: string;
  beforeEach(() => {
    root = scratchRepository([]);
    linkPrograms(root);
    writeTree(root, { 'shared/format.ts': 'export const format = (n: number) => `repository: ${n}`;\n' });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Generates the service of a tool with these files and lets it pass every gate. */
  async function pass(files: Readonly<Record<string, string>>): Promise<GeneratedService> {
    const manifest = {
      id: 'odd',
      name: 'Odd',
      description: '',
      version: '1.0.0',
      status: 'beta',
      route: '/tools/odd',
      endpoints: Object.keys(ANSWERS).map((route) => ({ method: 'GET', path: route, permissions: [] })),
    };
    const tool = path.join(root, 'tools/odd');
    writeTree(tool, { ...files, 'manifest.json': JSON.stringify(manifest) });
    chmodSync(path.join(tool, 'backend/run.sh'), 0o755);
    const backend = await factsOf('odd', { root });
    expect(backend.findings.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
    const { ports, gates } = gatePorts(root, await createDatabase());
    const parsed = parseManifest(manifest);
    const facts = { manifest: parsed, names: namesOf(parsed.id), backend } as BackendFacts;
    for (const change of planStep(backendStep, facts)) await operationOf(change).run(change, ports);
    expect(gates.map((gate) => gate.split(' ').slice(0, 2).join(' '))).to.deep.equal([
      'packages passed',
      'contract passed',
      'compilation passed',
      'test-types passed',
      'lint passed',
      'unit-tests passed',
    ]);
    const recorded = readFileSync(path.join(root, 'apps/odd-api', RECORDED_FILE), 'utf8');
    const { calls } = JSON.parse(recorded) as {
      calls: { request: { as: string; path: string }; answer: { status: number; body?: unknown } }[];
    };
    for (const [route, body] of Object.entries(ANSWERS)) {
      const call = calls.find(({ request }) => request.path === route && request.as === 'caller');
      expect(call?.answer, route).to.deep.include({ status: 200, body });
    }
    return backend;
  }

  it('answers in its service as in the monolith: workers, programs, scripts, listings, files beside the code', async () => {
    const { layout } = await pass(FILES);
    expect(layout.nested).to.equal(false);
    expect(statSync(path.join(root, 'apps/odd-api/src/run.sh')).mode & 0o111).to.equal(0o111);
    expect(statSync(path.join(root, 'apps/odd-api/src/query.sql')).mode & 0o111).to.equal(0);
  });

  it('a tool may have the names of the service’s own files, and then lies below src/tool/', async () => {
    const { layout, files, findings } = await pass({ ...FILES, ...TAKEN });
    expect(layout.nested).to.equal(true);
    for (const [file, text] of Object.entries({ ...FILES, ...TAKEN }))
      expect(files[`src/tool/${file}`], file).to.equal(text);
    expect(findings.map(({ code }) => code)).to.include('code-below-tool');
  });
});

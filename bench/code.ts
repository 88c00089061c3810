import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { execa } from 'execa';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { parseManifest } from '../contracts/manifest.ts';
import { namesOf } from '../contracts/naming.ts';
import { generateService } from '../exporter/generate/service/generate-service.ts';
import { createFilesPort } from '../exporter/adapters/files/files.ts';
import { generateWebApp } from '../exporter/generate/web-app/generate-web-app.ts';
import type { SharedFacts } from '../exporter/core/facts.ts';
import { operationsOf, planStep, type Step } from '../exporter/core/step.ts';
import { backendStep } from '../exporter/steps/backend/index.ts';
import type { BackendFacts } from '../exporter/steps/backend/facts.ts';
import { frontendStep } from '../exporter/steps/frontend/index.ts';
import type { FrontendFacts } from '../exporter/steps/frontend/facts.ts';
import { startEmbedded, stopCluster } from '../registry-api/store/embedded/index.ts';
import { findWorkspace } from '../templating/roots.ts';
import { gatePorts } from '../test/exporter/generate/service/gate-ports.ts';

/**
 * The backend and frontend steps of `inventory-tracker`, warm, beside the floor: plain `tsc` and `ng build` of the
 * very code that the steps have made. Prints seconds; `--runs=N` for more than three.
 */
const TOOL = 'inventory-tracker';
const READ = [
  'contracts',
  'templates',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  '.prettierrc.json',
  '.gitignore',
  'monolith/web/tsconfig.json',
  'monolith/server',
  'registry-api',
  'templating',
  'exporter/generate/web-app',
  `tools/${TOOL}`,
];
const { runs = 3, verbose = false } = parseProgramFlags('bench:code', process.argv.slice(2), {
  runs: { type: 'number', text: 'measured runs (default: 3)' },
  verbose: { type: 'boolean', text: 'print the seconds of every change' },
});

const source = findWorkspace(process.cwd());
const root = mkdtempSync(path.join(tmpdir(), 'bench-code-'));
// The contract is recorded over a database; the server's own user must get in when root measures
const cluster = mkdtempSync(path.join(tmpdir(), 'bench-code-db-'));
chmodSync(cluster, 0o755);
try {
  const databaseUrl = await startEmbedded(cluster);
  for (const part of READ) cpSync(path.join(source, part), path.join(root, part), { recursive: true });
  symlinkSync(path.join(source, 'node_modules'), path.join(root, 'node_modules'));
  mkdirSync(path.join(root, '.platform'));
  const manifest = parseManifest(
    JSON.parse(readFileSync(path.join(root, `tools/${TOOL}/manifest.json`), 'utf8')),
  );
  const names = namesOf(manifest.id);
  const node = path.join(source, 'node_modules/.bin/node');
  const tsc = (): Promise<unknown> =>
    execa(node, [path.join(source, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], {
      cwd: path.join(root, names.apiFolder),
    });
  const ngBuild = (): Promise<unknown> =>
    execa(node, [path.join(source, 'node_modules/@angular/cli/bin/ng.js'), 'build'], {
      cwd: path.join(root, names.webFolder),
      env: { NG_CLI_ANALYTICS: 'false' },
    });

  const rows: Record<string, number>[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const row: Record<string, number> = {};
    const facts = await timed(row, 'facts', readFacts);
    await timed(row, 'backend', () => carryOut(backendStep, facts));
    await timed(row, 'frontend', () => carryOut(frontendStep, facts));
    await timed(row, 'tsc', tsc);
    await timed(row, 'ng build', ngBuild);
    if (run > 0) rows.push(row); // the first one fills the caches, of the steps and of the floor
  }
  const best = (name: string): number => Math.min(...rows.map((row) => row[name] ?? 0));
  const steps = best('backend') + best('frontend');
  const floor = best('tsc') + best('ng build');
  for (const name of ['facts', 'backend', 'frontend', 'tsc', 'ng build'])
    console.log(`${name.padEnd(10)} ${rows.map((row) => seconds(row[name] ?? 0)).join('  ')}`);
  console.log(
    `steps ${seconds(steps)} (at most 25), floor ${seconds(floor)}, ratio ${(steps / floor).toFixed(2)} (goal 1.5)`,
  );

  async function readFacts(): Promise<BackendFacts & FrontendFacts> {
    const files = createFilesPort(root, path.join(root, '.platform'));
    const common = { root, files, manifest, names, servicePort: 3004, commit: '0'.repeat(40) };
    const [backend, frontend] = await Promise.all([
      generateService({ ...common, nodeImage: 'node:24-bookworm-slim' }),
      generateWebApp(common),
    ]);
    return { manifest, names, backend, frontend } as BackendFacts & FrontendFacts;
  }

  async function carryOut<F extends SharedFacts>(step: Step<F>, facts: F): Promise<void> {
    const { ports } = gatePorts(root, databaseUrl);
    const operationOf = operationsOf([step]);
    for (const change of planStep(step, facts)) {
      const start = performance.now();
      await operationOf(change).run(change, ports);
      if (verbose) console.log(`  ${change.kind} ${seconds(performance.now() - start)}`);
    }
  }
} finally {
  await stopCluster(cluster);
  for (const folder of [root, cluster]) rmSync(folder, { recursive: true, force: true });
}

async function timed<T>(row: Record<string, number>, name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  row[name] = performance.now() - start;
  return result;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

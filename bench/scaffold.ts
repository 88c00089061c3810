import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { execa } from 'execa';
import { makeScratchClone } from '../dev/scratch-clone.ts';
import { findWorkspace } from '../templating/roots.ts';

/**
 * From `create-tool` to a tool that answers over HTTP in the running platform, beside `ng g` of what comes nearest
 * (two components, a service, an interface and their tests: no table, no API). Prints seconds, and their ratio.
 */
const source = findWorkspace(process.cwd());
const folder = mkdtempSync(path.join(tmpdir(), 'bench-scaffold-'));
const clone = path.join(folder, 'clone');
await makeScratchClone(source, clone);
const port = await getPort({ host: '127.0.0.1' });
const env = {
  PLATFORM_PORT: String(port),
  GATEWAY_PORT: String(await getPort({ host: '127.0.0.1' })),
  PLATFORM_GATEWAY: 'facade',
};
const platform = spawn(process.execPath, ['monolith/server/platform/server.ts'], {
  cwd: clone,
  env: { ...process.env, ...env },
  stdio: 'ignore',
});
try {
  await until(`http://127.0.0.1:${port}/readyz`);
  const [ours, theirs]: [number[], number[]] = [[], []];
  // In turns, so that a machine that is busy for a while is as busy for both
  for (const round of ['one', 'two', 'three']) {
    ours.push(await createAndCall(`bench-${round}`));
    theirs.push(await generateWithAngular(`bench-${round}`));
  }
  console.log(`create-tool, until it answers over HTTP: ${ours.map(seconds).join(', ')}`);
  console.log(`ng g component x2, service, interface:   ${theirs.map(seconds).join(', ')} (files only)`);
  console.log(`ratio of the medians: ${(median(ours) / median(theirs)).toFixed(2)}`);
} finally {
  await stop(platform);
  await execa('node_modules/.bin/gulp', ['db:stop', '--silent'], { cwd: clone, reject: false });
  rmSync(folder, { recursive: true, force: true });
}

async function createAndCall(id: string): Promise<number> {
  const start = performance.now();
  await execa(
    process.execPath,
    ['generators/bin/create-tool.ts', id, '--yes', '--resource=item:name:string'],
    {
      cwd: clone,
      env,
    },
  );
  await until(`http://127.0.0.1:${port}/api/tools/${id}/items`);
  return performance.now() - start;
}

async function generateWithAngular(feature: string): Promise<number> {
  const web = path.join(clone, 'monolith', 'web');
  mkdirSync(path.join(web, 'src', 'app', feature), { recursive: true });
  const start = performance.now();
  for (const what of [
    ['component', `${feature}/item-list`],
    ['component', `${feature}/item-form`],
    ['service', `${feature}/item`],
    ['interface', `${feature}/item-row`],
  ])
    await execa(path.join(clone, 'node_modules/.bin/ng'), ['generate', ...what], {
      cwd: web,
      env: { NG_CLI_ANALYTICS: 'false' },
      stdin: 'ignore',
    });
  return performance.now() - start;
}

async function until(address: string): Promise<void> {
  const end = performance.now() + 120_000;
  while (performance.now() < end) {
    const ok = await fetch(address).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await sleep(50);
  }
  throw new Error(`${address} did not answer within two minutes`);
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

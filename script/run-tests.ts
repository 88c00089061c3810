/**
 * `npm test`: the whole suite, in a few mocha processes at a time. `npm test -- web database` runs the suites and
 * files whose name holds one of the words. The last line is `N passed, N failed`; exit code 0 only if none failed
 * and, in CI, every suite ran.
 */
import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { startScratchServer } from '../dev/scratch-server.ts';
import { missingRequirements } from './tests/requirements.ts';
import { runMocha, type TestFailure } from './tests/run-mocha.ts';
import { SUITES, type Requirement, type Suite } from './tests/suites.ts';

interface Group {
  readonly suite: Suite;
  readonly files: readonly string[];
}

const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const inCi = process.env['CI'] === 'true';
// Debian installs nginx and dockerd outside a user's PATH
const searchPath = [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(path.delimiter);
const missing = await missingRequirements(searchPath);
const groups = groupsOf(words);
const runnable = groups.filter(({ suite }) => !suite.needs.some((need) => missing.has(need)));
const notRun = groups.filter((group) => !runnable.includes(group));
const failures: TestFailure[] = [];
const times: { readonly name: string; readonly ms: number }[] = [];
let passed = 0;

if (groups.length === 0) {
  console.error(
    `No test has ${words.join(' or ')} in its name. Suites: ${SUITES.map((s) => s.name).join(', ')}`,
  );
  process.exit(2);
}
const started = Date.now();
// Many exports and platforms build the same source: the first one builds it, the others reuse the build
const builds = await mkdtemp(path.join(tmpdir(), 'platform-test-builds-'));
process.env['PLATFORM_BUILD_CACHE'] = path.join(builds, 'exports');
// Hundreds of processes load the same code
process.env['NODE_COMPILE_CACHE'] ??= path.join(tmpdir(), 'node-compile-cache');
process.env['TEST_DASHBOARDS'] = path.join(builds, 'dashboards');
const files = runnable.reduce((sum, group) => sum + group.files.length, 0);
console.log(`${String(files)} test files`);
// All suites share one container engine, so those that use it run one after another. Browser suites follow: Chromium
// aborts requests whenever a container network appears or disappears (ERR_NETWORK_CHANGED).
const needing = (need: Requirement): Group[] => runnable.filter(({ suite }) => suite.needs.includes(need));
const alone = [...new Set([...needing('docker'), ...needing('chromium')])];
const queue = runnable.filter((group) => !alone.includes(group));
const workers = Math.max(2, Math.min(4, availableParallelism() / 2));
const lanes: Promise<void>[] = [work(() => alone.shift() ?? queue.shift(), 0)]; // later it helps the others
for (let lane = 1; lane < workers; lane++) lanes.push(work(() => queue.shift(), lane));
// A test often waits for a database, a timer or the end of a process. One more lane fills these times, with the light
// suites, which come last: its own port would make it build services again that the lanes above share
lanes.push(work(() => queue.pop(), workers));
await Promise.all(lanes);
await rm(builds, { recursive: true, force: true });
report();

/** Runs group after group. */
async function work(next: () => Group | undefined, lane: number): Promise<void> {
  for (let group = next(); group !== undefined; group = next()) await runGroup(group, lane);
}

async function runGroup({ suite, files }: Group, lane: number): Promise<void> {
  const database = suite.database === true ? await startScratchServer() : null;
  const env = {
    ...process.env,
    PATH: searchPath,
    TEST_LANE: String(lane),
    ...(database === null ? {} : { TEST_DATABASE_URL: database.url }),
  };
  try {
    const result = await runMocha({ files, env, onFile: printFile });
    passed += result.passed;
    failures.push(...result.failures);
  } finally {
    await database?.close();
  }
}

function printFile(file: string, result: { passed: number; failed: number; ms: number }): void {
  const mark = result.failed === 0 ? '✓' : '✗';
  const count = result.failed === 0 ? `${String(result.passed)} passed` : `${String(result.failed)} FAILED`;
  const name = path.relative(process.cwd(), file);
  times.push({ name, ms: result.ms });
  console.log(`${clock()} ${mark} ${name}  ${count}, ${seconds(result.ms)}`);
}

function report(): void {
  for (const { title, file, text } of failures)
    console.log(`\n✗ ${title}\n  ${path.relative(process.cwd(), file)}\n${text.replace(/^/gm, '  ')}`);
  if (notRun.length > 0) {
    console.log('\nNot run:');
    for (const { suite, files } of notRun)
      console.log(
        `  ${suite.name} (${files.join(', ')}): ${suite.needs.flatMap((n) => missing.get(n) ?? []).join('; ')}`,
      );
  }
  console.log('\nSlowest files:');
  for (const { name, ms } of times.toSorted((a, b) => b.ms - a.ms).slice(0, 10))
    console.log(`  ${seconds(ms).padStart(8)}  ${name}`);
  // In CI a suite that cannot run counts as failed
  const failed = failures.length + (inCi ? notRun.length : 0);
  console.log(`\n${clock()} done\n${String(passed)} passed, ${String(failed)} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function groupsOf(wanted: readonly string[]): Group[] {
  const taken = new Set<string>();
  return SUITES.flatMap((suite) => {
    const mine = globSync([...suite.files], { exclude: ['**/fixtures/**', '**/node_modules/**'] })
      .map((file) => file.split(path.sep).join('/'))
      .filter((file) => !taken.has(file))
      .sort();
    for (const file of mine) taken.add(file);
    const asked = mine.filter(
      (file) => wanted.length === 0 || wanted.some((w) => `${suite.name} ${file}`.includes(w)),
    );
    if (asked.length === 0) return [];
    return suite.each === true ? asked.map((file) => ({ suite, files: [file] })) : [{ suite, files: asked }];
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function clock(): string {
  const elapsed = Math.round((Date.now() - started) / 1000);
  return `${String(Math.floor(elapsed / 60)).padStart(2)}:${String(elapsed % 60).padStart(2, '0')}`;
}

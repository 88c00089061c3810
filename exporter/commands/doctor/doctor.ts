import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { promisify } from 'node:util';
import { EXIT, PlatformError } from '../../../contracts/errors.ts';
import type { CommandReport } from '../../../contracts/job.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { LIVENESS_PATH } from '../../../contracts/platform-addresses.ts';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import { parseSettings, type Settings } from '../../../contracts/settings.ts';
import { authModeOf } from '../../../contracts/tokens.ts';
import type { Queryable } from '../../../registry-api/store/pool.ts';
import { findWorkspace } from '../../../templating/roots.ts';
import { readGitState } from '../../adapters/git/git.ts';
import { findPlatform } from '../../adapters/platform/find-platform.ts';
import { parseFlags } from '../../../contracts/command-line.ts';
import type { RunningPlatform } from '../../core/ports.ts';
import type { OrphanedResource } from '../../core/orphans.ts';
import { DOCTOR_FLAGS } from './doctor-flags.ts';
import { findOrphans, removeOrphans, withOrphanSearch } from './orphans.ts';
import { readWaysBack } from '../ways-back.ts';
import { waysBackFindings } from './ways-back.ts';
import { createReporter } from '../../cli/reporter.ts';
import type { Reporter } from '../../core/reporter.ts';
import { exitWith } from '../../cli/task.ts';
import {
  askHealth,
  logOf,
  servicesInAnotherMode,
  servicesWithoutAudience,
  unreadyServices,
} from '../service-health.ts';

interface Wanted {
  readonly command: string;
  readonly args: readonly string[];
  readonly needed: boolean;
  /** Its use. */
  readonly why: string;
  readonly remedy: string;
}

const PROGRAMS: readonly Wanted[] = [
  {
    command: 'git',
    args: ['--version'],
    needed: true,
    why: 'history of the tree',
    remedy: 'apt-get install git, or brew install git',
  },
  {
    command: 'docker',
    args: ['info', '--format', '{{.ServerVersion}}'],
    needed: false,
    why: 'exports into containers (--runtime=docker)',
    remedy: 'apt-get install docker.io docker-compose, or Docker Desktop; then start the engine',
  },
  {
    command: 'nginx',
    args: ['-v'],
    needed: false,
    why: 'a real gateway; without it the platform is one itself',
    remedy: 'apt-get install nginx, or brew install nginx',
  },
  {
    command: 'chromium',
    args: ['--version'],
    needed: false,
    why: 'browser tests',
    remedy: 'apt-get install chromium',
  },
  {
    command: 'psql',
    args: ['--version'],
    needed: false,
    why: 'access to the databases by hand',
    remedy: 'apt-get install postgresql-client',
  },
];

/** `gulp doctor`: what is missing on this machine and how to get it, and the orphaned resources of earlier exports. */
export async function examine(argv: readonly string[]): Promise<CommandReport> {
  const flags = parseFlags('doctor', argv, DOCTOR_FLAGS);
  const reporter = createReporter({ json: flags.json ?? false });
  const root = findWorkspace(process.cwd());
  const settings = parseSettings(process.env);
  const findings: Finding[] = [nodeFinding(), ...(await Promise.all(PROGRAMS.map(programFinding)))];
  const [git, platform] = await Promise.all([readGitState(root), findPlatform(root, settings)]);
  findings.push(
    git.commit === null
      ? finding(
          'error',
          'This folder has no git commit',
          'git init && git add --all && git commit -m "Start"',
        )
      : finding('info', `Git commit ${git.commit.slice(0, 12)}, ${git.dirty.length} uncommitted files`),
    platform === null
      ? finding('warning', 'The platform is not running', 'npm start')
      : finding('info', `Platform answers at ${platform.url}`),
  );
  if (platform !== null) findings.push(await gatewayFinding(settings.host, platform.gatewayPort));
  for (const one of findings) reporter.finding(one);
  const left = await checkOrphans({ root, settings, rollBack: (jobId) => rollBack(root, jobId) }, reporter, {
    fix: flags.fix === true || flags.yes === true,
    platform,
    ask: flags.yes !== true && flags.json !== true && process.stdin.isTTY && process.stdout.isTTY,
  });
  findings.push(...left);
  const missing = findings.some((f) => f.severity === 'error');
  const exitCode = missing
    ? EXIT.refused
    : left.some((f) => f.code === 'left-behind')
      ? EXIT.rollbackIncomplete
      : EXIT.done;
  reporter.line(
    missing
      ? '✗ A required program is missing, a service does not answer, or the way back of a tool is broken'
      : exitCode === EXIT.done
        ? '✅ Ready'
        : '✗ Ready, but earlier exports have left orphaned resources',
  );
  const report: CommandReport = { ok: exitCode === EXIT.done, exitCode, findings, changes: [], steps: [] };
  await reporter.document(report);
  exitWith(report.exitCode);
  return report;
}

/** Searches for orphaned resources, removes them when that is wanted, and reports those that remain. */
async function checkOrphans(
  place: Parameters<typeof withOrphanSearch>[0],
  reporter: Reporter,
  wanted: { readonly fix: boolean; readonly ask: boolean; readonly platform: RunningPlatform | null },
): Promise<readonly Finding[]> {
  try {
    return await withOrphanSearch(place, async (search) => {
      const services = await unreadyServices(search.client);
      const answers = [
        finding('info', 'Database answers'),
        ...services.map(({ toolId, serviceUrl, health }) =>
          finding(
            'error',
            `The service of ${toolId} at ${serviceUrl}: ${health}`,
            logOf(toolId, place.root, place.settings),
          ),
        ),
        ...(await servicesWithoutAudience(search.client)).map((toolId) =>
          finding(
            'warning',
            `The service of ${toolId} was exported before tokens had an audience of their own: it accepts tokens of other such services`,
            `Export it again: npx gulp rollback --tool-id=${toolId} --bring-back, then npx gulp export --tool-id=${toolId}`,
          ),
        ),
      ];
      const mode = wanted.platform?.mode ?? null;
      if (mode !== null) answers.push(...(await modeFindings(search.client, mode)));
      const streams = await readWaysBack({ ...search, platform: wanted.platform });
      answers.push(...(await waysBackFindings(search.client, streams)));
      for (const one of answers) reporter.finding(one);
      const found = await findOrphans(search);
      show(reporter, found);
      const removable = found.filter((orphan) => orphan.remove !== null).length;
      if (removable === 0 || !(await mayRemove(removable, reporter, wanted)))
        return [...answers, ...found.map(toFinding)];
      const remaining = await removeOrphans(search, (name) => reporter.tick('success', `Removed: ${name}`));
      for (const { name, reason } of remaining) reporter.tick('error', `Not removed: ${name}: ${reason}`);
      const still = await findOrphans(search);
      show(reporter, still);
      return [...answers, ...still.map(toFinding)];
    });
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'database-unreachable') throw error;
    const unreachable: Finding = {
      code: 'database-unreachable',
      severity: 'error',
      step: 'preflight',
      message: error.message,
      remedy: 'npm start, or correct DATABASE_URL',
    };
    reporter.finding(unreachable);
    return [unreachable];
  }
}

async function modeFindings(client: Queryable, mode: Settings['mode']): Promise<readonly Finding[]> {
  const others = await servicesInAnotherMode(client, mode);
  return others.map(({ toolId, serviceUrl, authMode }) =>
    finding(
      'error',
      `The service of ${toolId} at ${serviceUrl} runs with AUTH_MODE=${authMode}, and the platform in ${mode} mode`,
      `A local service follows when the platform starts again. For containers, set AUTH_MODE: ${authModeOf(mode)} at ${toolId}-api in ${COMPOSE_FILE}, then run: docker compose -f ${COMPOSE_FILE} up --detach ${toolId}-api`,
    ),
  );
}

function show(reporter: Reporter, found: readonly OrphanedResource[]): void {
  for (const orphan of found) reporter.finding(toFinding(orphan));
}

async function mayRemove(
  count: number,
  reporter: Reporter,
  { fix, ask }: { readonly fix: boolean; readonly ask: boolean },
): Promise<boolean> {
  if (!ask) {
    if (!fix) reporter.line('  Remove all of them with: npx gulp doctor --fix');
    return fix;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const asked = terminal.question(`  Remove ${count === 1 ? 'it' : `these ${count} resources`}? [y/N] `);
    return /^y(es)?$/i.test((await Promise.race([asked, ended])).trim());
  } finally {
    terminal.close();
  }
}

const toFinding = ({ name, command }: OrphanedResource): Finding => ({
  code: 'left-behind',
  severity: 'warning',
  step: 'preflight',
  message: `Orphaned: ${name}`,
  remedy: command,
});

/**
 * In a process of its own: a failing rollback keeps no other from running. Its output goes to standard error. Rows that
 * its service has written are synced back.
 */
async function rollBack(root: string, jobId: string): Promise<void> {
  const gulp = path.join(root, 'node_modules/gulp/bin/gulp.js');
  const args = [gulp, 'rollback', `--job-id=${jobId}`, '--bring-back', '--silent'];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  if (code !== 0) throw new Error(`its rollback ended with exit code ${String(code)}; the reason is above`);
}

/** Behind a gateway that works, the platform answers. */
async function gatewayFinding(host: string, port: number): Promise<Finding> {
  const health = await askHealth(`http://${host}:${port}${LIVENESS_PATH}`);
  return health === 'ready'
    ? finding('info', `Gateway answers on port ${port}`)
    : finding(
        'error',
        `The gateway on port ${port}: ${health}`,
        'Stop the platform and start it again: npm start',
      );
}

function nodeFinding(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= 24
    ? finding('info', `Node ${process.versions.node}`)
    : finding(
        'error',
        `Node ${process.versions.node} runs this; 24 or later is needed`,
        'npm install puts it into node_modules; run this with npx',
      );
}

async function programFinding({ command, args, needed, why, remedy }: Wanted): Promise<Finding> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, [...args], { timeout: 10_000 });
    return finding('info', `${command}: ${(stdout || stderr).trim().split('\n')[0] ?? 'found'}`);
  } catch {
    return finding(
      needed ? 'error' : 'warning',
      `${command} is missing or does not answer; it is used for ${why}`,
      remedy,
    );
  }
}

function finding(severity: Finding['severity'], message: string, remedy = ''): Finding {
  return { code: 'doctor', severity, step: 'preflight', message, remedy };
}

import { join } from 'node:path';
import { Router, json, type RequestHandler } from 'express';
import { execa } from 'execa';
import { PlatformError } from '../../../contracts/errors.ts';
import { parseJobId, toolIdProblem } from '../../../contracts/ids.ts';
import type { CommandReport } from '../../../contracts/job.ts';
import { CUTOVERS, RUNTIMES } from '../../../contracts/plan.ts';
import { withoutPaths } from '../../../contracts/host/without-paths.ts';
import { requireScope } from '../../../registry-api/auth/authenticate.ts';
import type { Limiters } from '../../../registry-api/http/limits.ts';
import { createSlots } from './slots.ts';
import { whileConnected } from './while-connected.ts';

/** Timeout: a plan takes seconds. */
const TIMEOUT_MS = 3 * 60_000;
/** Each in its own process. */
const MAX_CONCURRENT = 2;

export interface PreviewOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly limiters: Pick<Limiters, 'plans'>;
}

const slots = createSlots({ running: MAX_CONCURRENT, waiting: 0, what: 'dry runs' });

/**
 * Dry runs for the dashboard: `POST /api/preview/export` and `POST /api/preview/rollback` return the report that
 * the command line prints with `--dry-run --json`. Changes nothing and creates no job.
 */
export function previewRoutes({ root, limiters }: PreviewOptions): Router {
  const router = Router();
  const body = json({ limit: '16kb' });
  const mayRun = [requireScope('exports:run'), limiters.plans];
  const dryRun = (
    argumentsOf: (body: Readonly<Record<string, unknown>>) => readonly string[],
  ): RequestHandler =>
    whileConnected(async (request, response, signal) => {
      const args = argumentsOf(recordOf(request.body));
      response.json(await slots(() => gulp(root, args, signal), signal));
    });

  router.post('/api/preview/export', mayRun, body, dryRun(exportArguments));
  router.post('/api/preview/rollback', mayRun, body, dryRun(rollbackArguments));
  return router;
}

function exportArguments({ toolId, runtime, cutover }: Readonly<Record<string, unknown>>): readonly string[] {
  if (typeof toolId !== 'string' || toolIdProblem(toolId) !== null) throw bad('/toolId', 'must be a tool id');
  return [
    'export',
    `--tool-id=${toolId}`,
    `--runtime=${oneOf(['auto', ...RUNTIMES], runtime, '/runtime')}`,
    `--cutover=${oneOf(['auto', ...CUTOVERS], cutover, '/cutover')}`,
  ];
}

function rollbackArguments({ jobId }: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    return ['rollback', `--job-id=${parseJobId(String(jobId))}`];
  } catch {
    throw bad('/jobId', 'must be a job id');
  }
}

/** Passes only known words to the command line, never text from the request. */
function oneOf(words: readonly string[], value: unknown, pointer: string): string {
  if (value === undefined) return 'auto';
  const word = words.find((known) => known === value);
  if (word === undefined) throw bad(pointer, `must be one of ${words.join(', ')}`);
  return word;
}

async function gulp(root: string, args: readonly string[], signal: AbortSignal): Promise<CommandReport> {
  const script = join(root, 'node_modules', 'gulp', 'bin', 'gulp.js');
  const { stdout, stderr } = await execa(
    process.execPath,
    [script, ...args, '--dry-run', '--silent', '--json'],
    { cwd: root, reject: false, stdin: 'ignore', timeout: TIMEOUT_MS, cancelSignal: signal },
  );
  signal.throwIfAborted();
  try {
    return JSON.parse(stdout) as CommandReport;
  } catch {
    throw new PlatformError(
      'step-failed',
      `The dry run ended without a report.\n${withoutPaths(stderr.trim().slice(-2000))}`,
    );
  }
}

function recordOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

const bad = (pointer: string, message: string): PlatformError =>
  new PlatformError('bad-request', `${pointer.slice(1)} ${message}.`, { errors: [{ pointer, message }] });

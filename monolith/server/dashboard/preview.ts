import { join } from 'node:path';
import { Router, json, type RequestHandler } from 'express';
import { execa } from 'execa';
import { PlatformError } from '../../../contracts/errors.ts';
import { jobIdProblem, toolIdProblem } from '../../../contracts/ids.ts';
import type { CommandReport, JobOptions } from '../../../contracts/job.ts';
import { withoutPaths } from '../../../contracts/host/without-paths.ts';
import { requireScope } from '../../../registry-api/auth/authenticate.ts';
import type { Limiters } from '../../../registry-api/http/limits.ts';
import { bodyParser } from '../../../registry-api/http/validate.ts';
import { EXPORT_OPTIONS } from '../../../registry-api/routes/jobs/export-request.ts';
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
  /** Environment of the commands, over that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const slots = createSlots({ running: MAX_CONCURRENT, waiting: 0, what: 'dry runs' });

/**
 * Dry runs for the dashboard: `POST /api/preview/export` and `POST /api/preview/rollback` return the report that
 * the command line prints with `--dry-run --json`. Changes nothing and creates no job.
 */
export function previewRoutes(options: PreviewOptions): Router {
  const { limiters } = options;
  const router = Router();
  const body = json({ limit: '16kb' });
  const mayRun = [requireScope('exports:run'), limiters.plans];
  const dryRun = (argumentsOf: (body: unknown) => readonly string[]): RequestHandler =>
    whileConnected(async (request, response, signal) => {
      const args = argumentsOf(request.body);
      response.json(await slots(() => gulp(options, args, signal), signal));
    });

  router.post('/api/preview/export', mayRun, body, dryRun(exportArguments));
  router.post('/api/preview/rollback', mayRun, body, dryRun(rollbackArguments));
  return router;
}

const parseExport = bodyParser({
  type: 'object',
  additionalProperties: false,
  required: ['toolId'],
  properties: {
    toolId: { type: 'string' },
    runtime: EXPORT_OPTIONS.runtime,
    cutover: EXPORT_OPTIONS.cutover,
    allowDirty: EXPORT_OPTIONS.allowDirty,
  },
});

const parseRollback = bodyParser({
  type: 'object',
  additionalProperties: false,
  required: ['jobId'],
  properties: { jobId: { type: 'string' } },
});

/** @throws PlatformError `body-invalid`, so that only known words of the request reach the command line. */
function exportArguments(body: unknown): readonly string[] {
  const { toolId, runtime = 'auto', cutover = 'auto', allowDirty } = parseExport(body) as ExportPreview;
  const problem = toolIdProblem(toolId);
  if (problem !== null) throw bad('/toolId', problem);
  return [
    'export',
    `--tool-id=${toolId}`,
    `--runtime=${runtime}`,
    `--cutover=${cutover}`,
    ...(allowDirty === true ? ['--allow-dirty'] : []),
  ];
}

type ExportPreview = { readonly toolId: string } & Partial<JobOptions>;

/** @throws PlatformError `body-invalid` */
function rollbackArguments(body: unknown): readonly string[] {
  const { jobId } = parseRollback(body) as { readonly jobId: string };
  const problem = jobIdProblem(jobId);
  if (problem !== null) throw bad('/jobId', problem);
  return ['rollback', `--job-id=${jobId}`];
}

const bad = (pointer: string, message: string): PlatformError =>
  new PlatformError('body-invalid', `The body is not valid. ${pointer}: ${message}`, {
    errors: [{ pointer, message }],
  });

async function gulp(
  { root, env }: PreviewOptions,
  args: readonly string[],
  signal: AbortSignal,
): Promise<CommandReport> {
  const script = join(root, 'node_modules', 'gulp', 'bin', 'gulp.js');
  const { stdout, stderr } = await execa(
    process.execPath,
    [script, ...args, '--dry-run', '--silent', '--json'],
    { cwd: root, env: { ...env }, reject: false, stdin: 'ignore', timeout: TIMEOUT_MS, cancelSignal: signal },
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

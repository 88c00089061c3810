import type { ClientBase } from 'pg';
import type { CommandReport, JobOutcome, JobStatus } from '../../contracts/job.ts';
import { jobWords } from '../../contracts/job-words.ts';
import { parseSettings } from '../../contracts/settings.ts';
import { interruptDeadJobs } from '../../registry-api/store/jobs.ts';
import { withConnection } from '../../registry-api/store/with-connection.ts';
import { findWorkspace } from '../../templating/roots.ts';
import { findPlatform } from '../adapters/platform/find-platform.ts';
import { readToolStates, type ToolState } from '../adapters/platform/tool-states.ts';
import { parseFlags } from '../../contracts/command-line.ts';
import { createReporter } from '../cli/reporter.ts';
import type { Reporter } from '../core/reporter.ts';
import { unregisteredHint } from '../engine/registered-tools.ts';
import type { CompletionRecord } from '../engine/way-back.ts';
import { exitWith } from '../cli/task.ts';
import { STATUS_FLAGS } from './status-flags.ts';
import { askService, logOf, type Health } from './service-health.ts';
import { openPlatformDatabase } from './open-platform-database.ts';
import { readWaysBack, type WayBack } from './ways-back.ts';

interface ToolStatusRow {
  readonly toolId: string;
  readonly status: string;
  readonly version: string;
  readonly exported: boolean;
  readonly serviceUrl: string | null;
  readonly database: string | null;
  readonly jobId: string | null;
  readonly jobStatus: JobStatus | null;
  /** How the export itself ended; `null` while it runs. */
  readonly jobOutcome: JobOutcome | null;
  readonly step: string | null;
  /** Number of changes of the last job that have not been undone. */
  readonly open: number;
  /** What `gulp complete` has done, or has begun, for the last job; `null` without one. */
  readonly completion: CompletionRecord | null;
}

/** A row with what its service and the platform have answered. */
interface ToolStatus extends ToolStatusRow {
  /** Health of the service; `null` for a tool in the monolith. */
  readonly health: Health | null;
  /** Why the tool does not run in the monolith; `null` when it does, or when no platform runs. */
  readonly problem: string | null;
  /** How the monolith's tables follow the service; `null` unless it was exported live. */
  readonly returnStream: WayBack | null;
}

const TOOLS = `SELECT t.tool_id AS "toolId", t.status, t.version, t.is_exported AS exported,
    t.service_url AS "serviceUrl", t.database_name AS database, j.id AS "jobId", j.status AS "jobStatus",
    CASE WHEN j.status NOT IN ('pending', 'in_progress') THEN j.outcome END AS "jobOutcome",
    (SELECT s.title FROM export_job_steps s WHERE s.job_id = j.id AND s.status = 'in_progress' LIMIT 1) AS step,
    (SELECT count(*)::int FROM export_journal e WHERE e.job_id = j.id AND e.state <> 'undone') AS open,
    CASE WHEN t.is_exported THEN j.completion END AS completion
  FROM tool_registry t
  LEFT JOIN LATERAL (SELECT id, status, outcome, result->'completion' AS completion FROM export_jobs WHERE tool_id = t.tool_id ORDER BY ordinal DESC LIMIT 1) j ON true
 WHERE $1::text IS NULL OR t.tool_id = $1 ORDER BY t.tool_id`;

/** `gulp status`: prints the state of every tool, and the next command for unfinished exports. */
export async function showStatus(argv: readonly string[]): Promise<CommandReport> {
  const flags = parseFlags('status', argv, STATUS_FLAGS);
  const toolId = flags['tool-id'] ?? null;
  const reporter = createReporter({ json: flags.json ?? false });
  const settings = parseSettings(process.env);
  const root = findWorkspace(process.cwd());
  const url = await openPlatformDatabase({ root, settings }, { migrate: true });
  const platform = await findPlatform(root, settings);
  const { rows, streams, hint } = await withConnection(
    { connectionString: url, application_name: 'status' },
    async (client) => ({
      rows: await readStatus(client, toolId),
      hint: toolId === null ? null : await unregisteredHint(client, toolId),
      streams: await readWaysBack({ client, databaseUrl: url, platform, settings }),
    }),
  );
  const found = toolId === null || rows.length > 0;
  const states = platform === null ? [] : await readToolStates(platform.url, settings);
  const tools = await Promise.all(rows.map((row) => ask(row, states, streams)));
  print(reporter, {
    platform: platform?.url ?? null,
    tools,
    toolId,
    hint,
    logOf: (id) => logOf(id, root, settings),
  });
  const report: CommandReport = {
    ok: found,
    exitCode: found ? 0 : 3,
    findings: [],
    changes: [],
    steps: [],
    result: { platform: platform?.url ?? null, tools },
  };
  await reporter.document(report);
  exitWith(report.exitCode);
  return report;
}

async function readStatus(client: ClientBase, toolId: string | null): Promise<readonly ToolStatusRow[]> {
  await interruptDeadJobs(client);
  return (await client.query<ToolStatusRow>(TOOLS, [toolId])).rows;
}

async function ask(
  row: ToolStatusRow,
  states: readonly ToolState[],
  streams: readonly WayBack[],
): Promise<ToolStatus> {
  const { exported, serviceUrl, toolId } = row;
  const health = exported && serviceUrl !== null ? await askService(serviceUrl) : null;
  const problem = states.find(({ id }) => id === toolId)?.problem ?? null;
  const returnStream = streams.find(({ id }) => id === toolId) ?? null;
  return { ...row, health, problem: exported ? null : problem, returnStream };
}

interface Shown {
  readonly platform: string | null;
  readonly tools: readonly ToolStatus[];
  readonly toolId: string | null;
  /** What to do about a tool that is not registered. */
  readonly hint: string | null;
  readonly logOf: (toolId: string) => string;
}

function print(reporter: Reporter, { platform, tools, toolId, hint, logOf: whereLog }: Shown): void {
  reporter.line(
    platform === null ? 'Platform: not running (start it with: npm start)' : `Platform: ${platform}`,
  );
  if (tools.length === 0) {
    reporter.line(
      toolId === null
        ? 'No tool is registered. Create one with: npx create-tool my-tool'
        : `✗ No tool "${toolId}" is registered. ${hint ?? ''}`,
    );
    return;
  }
  const width = Math.max(...tools.map((r) => r.toolId.length));
  for (const row of tools) {
    const place = row.exported
      ? `exported to ${row.serviceUrl ?? '?'} (database ${row.database ?? '?'}): ${row.health ?? 'unknown'}`
      : `in the monolith${row.problem === null ? '' : ', does not run'}`;
    reporter.line(`${row.toolId.padEnd(width)}  ${row.status.padEnd(10)} v${row.version}  ${place}`);
    if (row.jobId !== null)
      reporter.line(
        `${' '.repeat(width)}  last job ${row.jobId}: ${jobText(row)}${row.step === null ? '' : ` (${row.step})`}`,
      );
    for (const text of wayBackTexts(row)) reporter.line(`${' '.repeat(width)}  ${text}`);
    const advice = [adviceFor(row), row.problem, row.returnStream?.remedy ?? null];
    if (row.exported && row.health !== 'ready') advice.push(whereLog(row.toolId));
    for (const line of advice) if (line !== null) reporter.line(`${' '.repeat(width)}  → ${line}`);
  }
}

function describeStream(stream: WayBack | null): readonly string[] {
  if (stream === null) return [];
  const { state, text, lagBytes, additions } = stream;
  return [
    state === 'following'
      ? `the monolith's tables follow the service, ${(lagBytes ?? 0).toLocaleString('en-US')} bytes behind`
      : text,
    ...additions.map((addition) => `only in the service, and left behind by a rollback: ${addition}`),
  ];
}

function wayBackTexts({ returnStream, completion }: ToolStatus): readonly string[] {
  if (completion?.ended === true) return [`completed for good, without a rollback${archiveText(completion)}`];
  return describeStream(returnStream);
}

const flagsOf = ({ archive, dropSource, removeCode }: CompletionRecord): string =>
  `${dropSource && archive !== null ? ' --drop-source' : ''}${removeCode ? ' --remove-code' : ''}`;

const archiveText = ({ archive, dropSource }: CompletionRecord): string =>
  archive === null
    ? ''
    : `; the monolith's tables are ${dropSource ? 'dropped' : 'read-only'}, and archived in ${archive}`;

const jobText = ({ jobStatus, jobOutcome }: ToolStatusRow): string =>
  jobStatus === null ? '' : jobWords({ status: jobStatus, outcome: jobOutcome }).toLowerCase();

function adviceFor(row: ToolStatusRow): string | null {
  if (row.open === 0 || row.jobId === null) return null;
  if (row.completion?.ended === false)
    return `its completion was interrupted. Continue it: npx gulp complete --tool-id=${row.toolId}${flagsOf(row.completion)}`;
  if (row.jobStatus === 'interrupted')
    return `${row.open} changes remain: npx gulp export --tool-id=${row.toolId} --resume, or: npx gulp rollback --job-id=${row.jobId}`;
  if (row.jobStatus === 'rollback_failed' || row.jobStatus === 'failed')
    return `${row.open} changes remain: npx gulp rollback --job-id=${row.jobId}`;
  return null;
}

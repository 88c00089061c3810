import { CUTOVER_PHASES, JOB_OUTCOMES, JOB_STATUSES } from '../../contracts/job.ts';
import { CUTOVERS, RUNTIMES, STEP_IDS } from '../../contracts/plan.ts';
import type { Schema } from '../http/operation.ts';
import { EXPORT_REQUEST } from '../routes/jobs/export-request.ts';
import { ROLLBACK_REQUEST } from '../routes/jobs/rollback-request.ts';
import { nullable, object, page, ref } from './build.ts';
import { manifestInputSchema, manifestProperties, permissionSchema, toolIdSchema } from './manifest.ts';
import { webhookSchemas } from './webhooks.ts';

const text: Schema = { type: 'string' };
const instant: Schema = { type: 'string', format: 'date-time', description: 'ISO 8601, UTC.' };
const count: Schema = { type: 'integer', minimum: 0 };

const toolProperties: Readonly<Record<string, Schema>> = {
  toolId: toolIdSchema,
  ...manifestProperties,
  isExported: { type: 'boolean' },
  exportedAt: nullable(instant),
  serviceUrl: nullable(text),
  gatewayUrl: nullable(text),
  webUrl: nullable(text),
  databaseName: nullable(text),
  createdAt: instant,
  updatedAt: instant,
};

const step: Schema = { type: 'string', enum: STEP_IDS };

const jobProperties: Readonly<Record<string, Schema>> = {
  id: { type: 'string', format: 'uuid' },
  toolId: text,
  status: { type: 'string', enum: JOB_STATUSES },
  outcome: nullable({
    type: 'string',
    enum: JOB_OUTCOMES,
    description: 'How the export itself ended, whatever was rolled back since.',
  }),
  options: object(EXPORT_REQUEST['properties'] as Record<string, Schema>, ['allowDirty']),
  createdAt: instant,
  startedAt: nullable(instant),
  completedAt: nullable(instant),
  finalizedAt: nullable({
    ...instant,
    description: 'When `gulp complete` ended the way back: no rollback is possible from then on.',
  }),
  stepsCompleted: count,
  stepsTotal: count,
  steps: { type: 'array', items: ref('JobStep') },
  progress: nullable(ref('JobProgress')),
  result: nullable(object({ cutover: ref('CutoverResult'), summary: ref('ExportSummary') }, ['summary'])),
  error: nullable(object({ code: text, message: text, step: nullable(step) })),
  actor: text,
  cancelledBy: nullable(text),
  rollback: nullable(
    object({
      actor: text,
      requestedAt: instant,
      endedAt: nullable(instant),
      refusal: nullable({
        ...text,
        description: 'Why the rollback was refused before it has undone anything.',
      }),
    }),
  ),
  openChanges: { ...count, description: 'Changes that are made and not undone.' },
  logs: { type: 'array', items: ref('JobLog') },
};

/** Every schema of the document by name. Those of bodies also validate. */
export const components: Readonly<Record<string, Schema>> = {
  Permission: permissionSchema,
  ManifestInput: manifestInputSchema,
  Tool: object(toolProperties),
  ReplacedTool: object(
    {
      ...toolProperties,
      dependants: {
        type: 'array',
        items: text,
        description: 'Tools that depend on this tool, which is now deprecated.',
      },
    },
    ['dependants'],
  ),
  Facets: object({
    status: { type: 'object', additionalProperties: count },
    exported: object({ true: count, false: count }),
    owner: { type: 'object', additionalProperties: count },
  }),
  ToolPage: page('Tool', { facets: ref('Facets') }),
  HistoryEntry: object({
    id: text,
    action: { type: 'string', enum: ['registered', 'updated', 'exported', 'returned', 'removed'] },
    actor: text,
    at: instant,
    before: nullable(ref('Tool')),
    after: nullable(ref('Tool')),
  }),
  HistoryPage: page('HistoryEntry'),
  ExportRequest: EXPORT_REQUEST,
  RollbackRequest: ROLLBACK_REQUEST,
  JobStep: object({
    id: step,
    title: text,
    status: {
      type: 'string',
      enum: ['pending', 'in_progress', 'completed', 'failed', 'skipped', 'rolled_back'],
    },
    startedAt: nullable(instant),
    completedAt: nullable(instant),
    ms: nullable({ type: 'number' }),
  }),
  JobProgress: object(
    {
      step,
      phase: { type: 'string', enum: CUTOVER_PHASES, description: 'Of a live cut-over.' },
      target: text,
      done: { type: 'number' },
      total: { type: 'number', description: '0: unknown.' },
      unit: { type: 'string', enum: ['rows', 'bytes', 'files', 'changes'] },
      bytes: { type: 'number', description: 'Bytes copied so far.' },
      percent: { type: 'number' },
      etaSeconds: nullable({ type: 'number' }),
    },
    ['bytes', 'phase'],
  ),
  ShadowResult: object({
    compared: count,
    differing: count,
    unstable: { ...count, description: 'Answers that the monolith itself gives differently each time.' },
    skipped: { ...count, description: 'Too large, too many at once, or broken off.' },
  }),
  CutoverResult: object(
    {
      mode: { type: 'string', enum: ['fenced', 'live'] },
      pauseMs: { ...count, description: 'Milliseconds for which writes waited.' },
      attempts: count,
      copiedRows: nullable(count),
      appliedChanges: nullable({
        ...count,
        description:
          'Rows inserted, updated and deleted in the copy to follow the monolith, by the statistics of PostgreSQL: those of the last second before the switch may be missing.',
      }),
      verifiedRows: count,
      shadow: ref('ShadowResult'),
    },
    ['pauseMs', 'attempts', 'copiedRows', 'appliedChanges', 'verifiedRows', 'shadow'],
  ),
  ExportSummary: object({
    name: { ...text, description: 'Name of the tool.' },
    serviceUrl: text,
    gatewayUrl: { ...text, description: 'Of the API, behind the gateway.' },
    webUrl: text,
    databaseName: nullable(text),
    runtime: { type: 'string', enum: RUNTIMES },
    cutover: { type: 'string', enum: CUTOVERS },
    movedRows: nullable(count),
    verifiedRows: nullable({
      ...count,
      description: 'Rows that were compared on both sides, and are equal.',
    }),
    contractCalls: nullable({
      ...count,
      description: 'Calls that the monolith and the service answer alike.',
    }),
    checksPassed: count,
    checksNotRun: count,
    pauseMs: nullable({ ...count, description: 'Milliseconds for which writes waited.' }),
  }),
  JobLog: object({
    seq: { type: 'integer', minimum: 1, description: 'The event’s id in the stream.' },
    timestamp: instant,
    level: { type: 'string', enum: ['debug', 'info', 'success', 'warning', 'error'] },
    step: nullable(step),
    message: text,
  }),
  Job: object(jobProperties),
  JobPage: page('Job'),
  Problem: object({
    type: text,
    title: text,
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: text,
    instance: text,
    code: { type: 'string', description: 'Stable error code for programs.' },
    errors: {
      type: 'array',
      items: object({ pointer: { type: 'string', description: 'JSON pointer (RFC 6901).' }, message: text }),
    },
  }),
  Health: object({ status: text, service: text, version: text, database: text, reason: text }, [
    'service',
    'version',
    'database',
    'reason',
  ]),
  OpenApi: {
    type: 'object',
    required: ['openapi', 'info', 'paths'],
    properties: { openapi: text, info: { type: 'object' }, paths: { type: 'object' } },
  },
  KeySet: object({
    keys: {
      type: 'array',
      items: object({ kty: text, crv: text, x: text, y: text, kid: text, alg: text, use: text }),
    },
  }),
  ...webhookSchemas,
};

import type { JobOptions } from '../../../contracts/job.ts';
import { CUTOVERS, RUNTIMES } from '../../../contracts/plan.ts';
import type { Schema } from '../../http/operation.ts';
import { bodyParser } from '../../http/validate.ts';

/** Options of an export. */
export const EXPORT_OPTIONS = {
  dryRun: { type: 'boolean', default: false, description: 'Check and plan without changing anything.' },
  runtime: { type: 'string', enum: ['auto', ...RUNTIMES], default: 'auto' },
  cutover: {
    type: 'string',
    enum: ['auto', ...CUTOVERS],
    default: 'auto',
    description: 'auto: live where writes can go on while rows are copied, else fenced.',
  },
  allowDirty: {
    type: 'boolean',
    default: false,
    description: 'Ignore uncommitted files that the export neither reads nor writes.',
  },
} as const satisfies Readonly<Record<string, Schema>>;

/** Body of `POST /api/tools/{toolId}/export`. */
export const EXPORT_REQUEST: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: EXPORT_OPTIONS,
};

const DEFAULTS: JobOptions = { dryRun: false, runtime: 'auto', cutover: 'auto' };

const parse = bodyParser(EXPORT_REQUEST);

/** @throws PlatformError `body-invalid`. */
export const parseExportRequest = (body: unknown): JobOptions => ({
  ...DEFAULTS,
  ...(parse(body) as Partial<JobOptions>),
});

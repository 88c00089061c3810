import { PlatformError } from '../../../contracts/errors.ts';
import type { Schema } from '../../http/operation.ts';
import { bodyParser } from '../../http/validate.ts';
import type { RollbackOptions } from '../../job-runner.ts';

/** Body of `POST /api/tools/export/jobs/{jobId}/rollback`. */
export const ROLLBACK_REQUEST: Schema = {
  type: 'object',
  additionalProperties: false,
  description:
    'What becomes of the rows that the service has written since the switch. Without either, a rollback that would ' +
    'lose such rows is refused, and the job’s log says so.',
  properties: {
    bringBack: { type: 'boolean', default: false, description: 'Copy them home first.' },
    discardWrites: { type: 'boolean', default: false, description: 'Lose them knowingly.' },
  },
};

const DEFAULTS: RollbackOptions = { bringBack: false, discardWrites: false };

const parse = bodyParser(ROLLBACK_REQUEST);

/** @throws PlatformError `body-invalid`, also when both are asked for: rows are either kept or lost. */
export function parseRollbackRequest(body: unknown): RollbackOptions {
  const options = { ...DEFAULTS, ...(parse(body) as Partial<RollbackOptions>) };
  if (options.bringBack && options.discardWrites) {
    const message = 'cannot be asked for together with bringBack: choose one';
    throw new PlatformError('body-invalid', `/discardWrites ${message}.`, {
      errors: [{ pointer: '/discardWrites', message }],
    });
  }
  return options;
}

import { PlatformError } from '../../../contracts/errors.ts';
import type { Schema } from '../../http/operation.ts';
import { bodyParser } from '../../http/validate.ts';
import type { RollbackOptions } from '../../job-runner.ts';

/** Body of `POST /api/tools/export/jobs/{jobId}/rollback`. */
export const ROLLBACK_REQUEST: Schema = {
  type: 'object',
  additionalProperties: false,
  description:
    'How to treat rows that the service has written since the cut-over. With neither option, a rollback that would ' +
    'lose rows is refused, and the log of the job says so.',
  properties: {
    bringBack: { type: 'boolean', default: false, description: 'Sync the rows back first.' },
    discardWrites: { type: 'boolean', default: false, description: 'Discard the rows.' },
  },
};

const DEFAULTS: RollbackOptions = { bringBack: false, discardWrites: false };

const parse = bodyParser(ROLLBACK_REQUEST);

/** @throws PlatformError `body-invalid`, also when both options are set. */
export function parseRollbackRequest(body: unknown): RollbackOptions {
  const options = { ...DEFAULTS, ...(parse(body) as Partial<RollbackOptions>) };
  if (options.bringBack && options.discardWrites) {
    const message = 'cannot be combined with bringBack: choose one';
    throw new PlatformError('body-invalid', `/discardWrites ${message}.`, {
      errors: [{ pointer: '/discardWrites', message }],
    });
  }
  return options;
}

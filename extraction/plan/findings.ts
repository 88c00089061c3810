import type { Finding, Severity } from '../../contracts/plan.ts';

/** A finding of this step. `object` is the SQL name of what it is about. */
export function finding(
  severity: Severity,
  code: string,
  object: string,
  message: string,
  remedy = '',
): Finding {
  return {
    code,
    severity,
    step: 'database',
    message: message.endsWith('.') ? message : `${message}.`,
    object,
    remedy,
  };
}

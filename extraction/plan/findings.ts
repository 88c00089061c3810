import type { Finding, Severity } from '../../contracts/plan.ts';

export interface FindingText {
  readonly severity: Severity;
  readonly code: string;
  /** SQL name of the object that the finding is about. */
  readonly object: string;
  /** One or more sentences; the last full stop is added. */
  readonly message: string;
  readonly remedy?: string;
}

/** A finding of the database step. */
export const finding = ({ severity, code, object, message, remedy = '' }: FindingText): Finding => ({
  code,
  severity,
  step: 'database',
  message: message.endsWith('.') ? message : `${message}.`,
  object,
  remedy,
});

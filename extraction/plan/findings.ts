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

/** One finding of a table: when a subject has it, and its text. */
export interface FindingRow<S> {
  readonly code: string;
  readonly severity: Severity;
  when(subject: S): boolean;
  object(subject: S): string;
  message(subject: S): string;
  remedy?(subject: S): string;
}

/** Every row that applies to each subject, subject by subject. */
export const findIn = <S>(subjects: Iterable<S>, rows: readonly FindingRow<S>[]): Finding[] =>
  [...subjects].flatMap((subject) =>
    rows
      .filter((row) => row.when(subject))
      .map((row) =>
        finding({
          severity: row.severity,
          code: row.code,
          object: row.object(subject),
          message: row.message(subject),
          remedy: row.remedy?.(subject) ?? '',
        }),
      ),
  );

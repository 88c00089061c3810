import { HttpErrorResponse } from '@angular/common/http';
import { plainWords } from '#contracts/plain-words';

/** What the server (or its absence) says about a failed request, in the words of RFC 9457. */
export interface Problem {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
}

export function problemOf(error: unknown): Problem {
  if (!(error instanceof HttpErrorResponse)) {
    return {
      status: 0,
      code: 'unknown',
      detail: error instanceof Error ? error.message : String(error),
      errors: [],
    };
  }
  const body = asRecord(error.error);
  const detail = text(body['detail']) ?? text(body['title']);
  return {
    status: error.status,
    code: text(body['code']) ?? 'unknown',
    detail:
      (detail === null ? null : plainWords(detail)) ??
      (error.status === 0
        ? 'The platform does not answer. Is it running?'
        : `The platform answered ${error.status}.`),
    errors: Array.isArray(body['errors']) ? (body['errors'] as Problem['errors']) : [],
  };
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

import { HttpErrorResponse } from '@angular/common/http';

/** Error of an API request (RFC 9457): a summary, and a message for each invalid field. */
export interface ApiProblem {
  /** HTTP status; 0 when there was no response. */
  readonly status: number;
  readonly detail: string;
  /** Messages by field name (first segment of the JSON pointer). */
  readonly fields: Readonly<Record<string, string>>;
}

interface ProblemBody {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

export function problemOf(error: unknown): ApiProblem {
  if (!(error instanceof HttpErrorResponse))
    return { status: 0, detail: 'Something went wrong on this page.', fields: {} };
  if (error.status === 0)
    return { status: 0, detail: 'The server does not answer. Try again in a moment.', fields: {} };
  const body = (error.error ?? {}) as ProblemBody;
  const fields = Object.fromEntries(
    (body.errors ?? []).map(({ pointer, message }) => [pointer.split('/')[1] ?? '', message]),
  );
  const detail = body.detail ?? body.title ?? `The server answered ${error.status}.`;
  return { status: error.status, detail, fields };
}

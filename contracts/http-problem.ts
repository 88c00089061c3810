/**
 * An error that a tool throws to answer with an HTTP error. The host of the tool (the monolith or the exported
 * service) turns it into `application/problem+json` (RFC 9457).
 */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** Stable, kebab-case. */
  readonly code: string;
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
  constructor(
    status: number,
    code: string,
    message: string,
    errors: readonly { readonly pointer: string; readonly message: string }[] = [],
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

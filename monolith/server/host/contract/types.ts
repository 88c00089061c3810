/** One call of a recording, as `tests/contract/replay.test.ts` of the service reads it. */
export interface Request {
  readonly as: 'nobody' | 'stranger' | 'caller';
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly body?: unknown;
  readonly size?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly sha256?: string;
  /** The connection broke before the answer was complete; with status 0 before it began. */
  readonly broken?: true;
  /** The answer had begun, and did not end in time. */
  readonly endless?: true;
}

export type Ask = (request: Request) => Promise<Answer>;

export type Body = Readonly<Record<string, unknown>>;

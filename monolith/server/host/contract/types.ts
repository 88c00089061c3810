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
}

export type Ask = (request: Request) => Promise<Answer>;

export type Body = Readonly<Record<string, unknown>>;

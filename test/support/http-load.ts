import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** One kind of request of the mix. `share` is its part of all, in tenths. */
export interface LoadRequest {
  readonly name: string;
  readonly share: number;
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called for each request. */
  readonly body?: () => unknown;
}

export interface Answer {
  readonly name: string;
  readonly method: string;
  /** Which part of the run it belongs to, as {@link HttpLoad.phase} said when the request left. */
  readonly phase: string;
  /** 0: no answer; `error` says why. */
  readonly status: number;
  readonly retryAfter: boolean;
  /** Why there was no answer, or what the server said of its failure. */
  readonly error?: string;
}

const TICK_MS = 5;
const TIMEOUT_MS = 60_000;
/** As many as a busy page of users would have. A machine that is slower than that gets fewer requests a second. */
const MOST_UNDER_WAY = 50;
const SHOWN_CHARACTERS = 160;

/**
 * Sends so many requests a second as long as no more than a crowd of them waits for its answer. Each goes over a connection of
 * its own, as a gateway that reloads closes those that are idle.
 */
export class HttpLoad {
  readonly answers: Answer[] = [];
  phase = '';
  readonly #mix: readonly LoadRequest[];
  readonly #perSecond: number;
  #sent = 0;
  #since = 0;
  #time = 0;
  /** Sent before this part of the run. */
  #due = 0;
  #under = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(options: { readonly perSecond: number; readonly mix: readonly LoadRequest[] }) {
    this.#perSecond = options.perSecond;
    this.#mix = options.mix.flatMap((request) => Array<LoadRequest>(request.share).fill(request));
  }

  start(phase: string): void {
    this.phase = phase;
    this.#since = Date.now();
    this.#due = this.#sent;
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS);
  }

  /** Waits for the answers that are still on their way. May be started again. */
  async stop(): Promise<void> {
    if (this.#timer !== undefined) this.#time += Date.now() - this.#since;
    clearInterval(this.#timer);
    this.#timer = undefined;
    while (this.#under > 0) await delay(20);
  }

  /** Requests a second, over all that it ran. */
  get rate(): number {
    return (this.#sent * 1_000) / this.#time;
  }

  /** `GET old address / export: 200 x 4711`, a line for each that was seen. */
  summary(): string {
    const counts = new Map<string, number>();
    for (const { name, phase, status, error } of this.answers) {
      const key = `${phase} / ${name}: ${status}${error === undefined ? '' : ` (${error})`}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts].map(([key, count]) => `${key} x ${count}`).join('\n');
  }

  #catchUp(): void {
    const due = this.#due + Math.floor(((Date.now() - this.#since) * this.#perSecond) / 1_000);
    while (this.#sent < due && this.#under < MOST_UNDER_WAY)
      this.#send(this.#mix[this.#sent++ % this.#mix.length]!);
  }

  #send({ name, method, url, headers, body }: LoadRequest): void {
    const { phase } = this;
    const text = body === undefined ? null : JSON.stringify(body());
    const keep = (status: number, more: { retryAfter?: boolean; error?: string } = {}): void => {
      this.#under -= 1;
      this.answers.push({ name, method, phase, status, retryAfter: false, ...more });
    };
    this.#under += 1;
    let answered = false;
    const request = http.request(
      url,
      {
        method,
        agent: false,
        timeout: TIMEOUT_MS,
        headers: {
          ...headers,
          ...(text === null
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
        },
      },
      (response) => {
        answered = true;
        const retryAfter = response.headers['retry-after'] !== undefined;
        const status = response.statusCode ?? 0;
        let said = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          if (status >= 500) said = (said + chunk).slice(0, SHOWN_CHARACTERS);
        });
        response.once('error', () => undefined); // its end follows, and says the same
        response.once('close', () => {
          if (!response.complete) keep(0, { error: 'cut off' });
          else keep(status, { retryAfter, ...(said === '' ? {} : { error: detailOf(said) }) });
        });
      },
    );
    request.once('timeout', () => request.destroy(new Error('timeout')));
    request.once('error', (error: NodeJS.ErrnoException) => {
      if (!answered) keep(0, { error: error.code ?? error.message });
    });
    request.end(text ?? undefined);
  }
}

/** What a problem document says, without what differs from one to the next. */
function detailOf(text: string): string {
  return /"(?:detail|title)":"([^"]*)/.exec(text)?.[1] ?? text;
}

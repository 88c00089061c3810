import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { SentWrite } from './ledger.ts';

export interface TrafficOptions {
  /** Requests a second. A machine that is too slow for them gets fewer. */
  readonly perSecond: number;
  /** Addresses of the inventory tracker's API, which take turns: `http://127.0.0.1:3000/api/tools/inventory-tracker`. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** SKUs of the load begin with it. Upper case. */
  readonly prefix: string;
  /** Whether the tool has `PATCH /items/:id`, which adds one to the reorder level. */
  readonly patch?: boolean;
}

/** One answer. */
export interface Answer {
  readonly name: string;
  readonly method: string;
  /** Key of {@link TrafficOptions.addresses}. */
  readonly address: string;
  /** {@link Traffic.phase} when the request was sent. */
  readonly phase: string;
  /** When it was sent (`performance.now()`), and its duration; in milliseconds. */
  readonly at: number;
  readonly ms: number;
  /** 0: no answer; `error` holds the reason. */
  readonly status: number;
  readonly retryAfter: boolean;
  /** Why there was no answer, or the detail of a refusal. */
  readonly error?: string;
}

interface Planned {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body?: unknown;
  readonly write?: Pick<SentWrite, 'kind' | 'sku' | 'value'>;
  /** Called when its answer is known. */
  readonly done?: () => void;
}

interface Item {
  readonly sku: string;
  readonly id: string;
  level: number;
  busy: boolean;
}

const TICK_MS = 5;
const TIMEOUT_MS = 60_000;
/** As many as a busy page of users has. */
const MOST_UNDER_WAY = 50;
const SHOWN_CHARACTERS = 300;
/** Items of each kind that are written again and again. */
const ITEMS = 8;
/** In turn; half of them read. */
const MIX =
  'list create read edit list movement list step read create list movement edit list step movement list create read list';

/**
 * Reads and writes of the inventory tracker over connections that stay open, as long as no more than a crowd of requests waits
 * for its answer. Remembers the outcome of each write.
 */
export class Traffic {
  readonly answers: Answer[] = [];
  readonly writes: SentWrite[] = [];
  phase = '';
  /** Whether all writes are edits (PUT), which a proxy may repeat. */
  onlyRepeatable = false;
  readonly #options: TrafficOptions;
  readonly #names: readonly string[];
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: MOST_UNDER_WAY });
  readonly #mix: readonly string[];
  #items: Record<'edit' | 'movement' | 'step', readonly Item[]> = { edit: [], movement: [], step: [] };
  #sent = 0;
  #made = 0;
  #since = 0;
  #time = 0;
  /** Sent before this part of the run. */
  #due = 0;
  #under = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#names = Object.keys(options.addresses);
    this.#mix = MIX.split(' ').filter((name) => name !== 'step' || options.patch === true);
  }

  /** Creates the items that are written again and again. */
  async prepare(): Promise<void> {
    for (const kind of ['edit', 'movement', 'step'] as const)
      this.#items[kind] = await Promise.all(
        Array.from({ length: ITEMS }, (_, i) =>
          this.#createItem(`${this.#options.prefix}-${kind.toUpperCase()}-${i}`),
        ),
      );
  }

  start(phase: string): void {
    this.phase = phase;
    this.#since = performance.now();
    this.#due = this.#sent;
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS);
  }

  /** Waits for the answers that are still on their way. May be started again. */
  async stop(): Promise<void> {
    if (this.#timer !== undefined) this.#time += performance.now() - this.#since;
    clearInterval(this.#timer);
    this.#timer = undefined;
    while (this.#under > 0) await delay(20);
  }

  /** Closes the connections that are open. */
  close(): void {
    this.#agent.destroy();
  }

  /** Requests a second, over all that it ran. */
  get rate(): number {
    return (this.#sent * 1_000) / this.#time;
  }

  /** `export / POST create (gateway): 503 (...) x 12`, a line for each kind of answer. */
  summary(): string {
    const counts = new Map<string, number>();
    for (const { name, method, address, phase, status, error } of this.answers) {
      const key = `${phase} / ${method} ${name} (${address}): ${status}${error === undefined ? '' : ` (${error})`}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts].map(([key, count]) => `${key} x ${count}`).join('\n');
  }

  async #createItem(sku: string): Promise<Item> {
    const base = Object.values(this.#options.addresses)[0] ?? '';
    const response = await fetch(`${base}/items`, {
      method: 'POST',
      headers: { ...this.#options.headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ sku, name: 'An item of the load' }),
    });
    if (response.status !== 201)
      throw new Error(`POST ${base}/items answered ${response.status}: ${await response.text()}`);
    const { id } = (await response.json()) as { id: string };
    return { sku, id, level: 0, busy: false };
  }

  #catchUp(): void {
    const due = this.#due + Math.floor(((performance.now() - this.#since) * this.#options.perSecond) / 1_000);
    while (this.#sent < due && this.#under < MOST_UNDER_WAY) {
      const turn = this.#sent++;
      const round = Math.floor(turn / this.#mix.length); // so that each kind of request goes to each address
      const address = this.#names[(turn + round) % this.#names.length] ?? '';
      const planned = this.#plan(this.#mix[turn % this.#mix.length] ?? 'list');
      this.#send(this.onlyRepeatable && !isRepeatable(planned) ? this.#plan('edit') : planned, address);
    }
  }

  #plan(name: string): Planned {
    const number = (this.#made += 1);
    const itemOf = (kind: 'edit' | 'movement' | 'step'): Item | undefined =>
      this.#items[kind][number % ITEMS];
    switch (name) {
      case 'create': {
        const sku = `${this.#options.prefix}-NEW-${number}`;
        return {
          name,
          method: 'POST',
          path: '/items',
          body: { sku, name },
          write: { kind: name, sku, value: null },
        };
      }
      case 'movement': {
        const item = itemOf(name);
        if (item === undefined) break;
        const reason = `movement ${number}`;
        return {
          name,
          method: 'POST',
          path: `/items/${item.id}/adjust`,
          body: { change: 1, reason },
          write: { kind: name, sku: item.sku, value: reason },
        };
      }
      case 'step': {
        const item = itemOf(name);
        if (item === undefined) break;
        return {
          name,
          method: 'PATCH',
          path: `/items/${item.id}`,
          write: { kind: name, sku: item.sku, value: null },
        };
      }
      case 'edit': {
        const item = this.#items.edit.find(({ busy }) => !busy);
        return item === undefined ? this.#plan('list') : planEdit(item);
      }
      case 'read': {
        const item = itemOf('edit');
        if (item === undefined) break;
        return { name, method: 'GET', path: `/items/${item.id}` };
      }
    }
    return { name: 'list', method: 'GET', path: '/items?limit=5' };
  }

  #send(planned: Planned, address: string, isRepeated = false): void {
    const { phase } = this;
    const { name, method, path, body, write } = planned;
    const at = performance.now();
    const text = body === undefined ? null : JSON.stringify(body);
    const keep = (status: number, more: { retryAfter?: boolean; error?: string } = {}): void => {
      this.#under -= 1;
      const ms = performance.now() - at;
      const answer = { name, method, address, phase, at, ms, status, retryAfter: false, ...more };
      this.answers.push(answer);
      if (write !== undefined) this.writes.push({ ...write, phase, outcome: outcomeOf(answer) });
      planned.done?.();
    };
    this.#under += 1;
    let answered = false;
    const request = http.request(
      `${this.#options.addresses[address] ?? ''}${path}`,
      {
        method,
        // A gateway that reloads closes idle connections: what must not be repeated gets one of its own (RFC 9110, 9.2.2)
        agent: isRepeatable(planned) && !isRepeated ? this.#agent : false,
        timeout: TIMEOUT_MS,
        headers: {
          ...this.#options.headers,
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
          if (status >= 400) said = (said + chunk).slice(0, SHOWN_CHARACTERS);
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
      if (!answered && request.reusedSocket && isRepeatable(planned) && !isRepeated) {
        this.#under -= 1;
        this.#send(planned, address, true);
      } else if (!answered)
        keep(0, {
          error: `${error.code ?? error.message}${request.reusedSocket ? ', connection reused' : ''}`,
        });
    });
    request.end(text ?? undefined);
  }
}

const isRepeatable = ({ method }: Planned): boolean => method === 'GET' || method === 'PUT';

/** The edits of one item are sent one after the other, so that the last one is known. */
function planEdit(item: Item): Planned {
  const level = (item.level += 1);
  item.busy = true;
  return {
    name: 'edit',
    method: 'PUT',
    path: `/items/${item.id}`,
    body: { sku: item.sku, name: 'An item of the load', reorderLevel: level },
    write: { kind: 'edit', sku: item.sku, value: level },
    done: () => {
      item.busy = false;
    },
  };
}

function outcomeOf({ status, retryAfter }: Pick<Answer, 'status' | 'retryAfter'>): SentWrite['outcome'] {
  if (status >= 200 && status < 300) return 'acknowledged';
  return (status >= 400 && status < 500) || (status === 503 && retryAfter) ? 'refused' : 'unknown';
}

/** The words of a problem document, without those that differ from one to the next. */
function detailOf(text: string): string {
  const [, found = text] = /"detail":"((?:\\.|[^"\\])*)/.exec(text) ?? /"title":"([^"]*)/.exec(text) ?? [];
  return found;
}

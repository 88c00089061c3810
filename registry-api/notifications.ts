import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const CHANNELS = ['tool_changed', 'export_job', 'tool_routes', 'webhook_outbox'] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * PostgreSQL's notifications, over one connection of their own for the whole process. When it breaks it is made
 * again; because notifications of the time between are lost, listeners then hear `reconnected` and must read
 * what they follow anew. A notification says only that something has changed, so hearing one too many does no harm.
 */
export class Notifications {
  readonly #emitter = new EventEmitter();
  readonly #url: string;
  readonly #onFault: (error: unknown) => void;
  #client: pg.Client | null = null;
  #closed = false;
  #started = false;

  constructor(url: string, onFault: (error: unknown) => void) {
    this.#url = url;
    this.#onFault = onFault;
    this.#emitter.setMaxListeners(0); // one a connected event stream
  }

  /** Starts listening; returns at once and keeps trying for as long as the process lives. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#run();
  }

  on(channel: Channel | 'reconnected', listener: (payload: string) => void): () => void {
    this.#emitter.on(channel, listener);
    return () => void this.#emitter.off(channel, listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.end().catch(() => undefined);
    this.#emitter.removeAllListeners();
  }

  async #run(): Promise<void> {
    let failures = 0;
    const isOpen = (): boolean => !this.#closed; // it changes while we wait
    while (isOpen()) {
      try {
        await this.#listen(() => {
          failures = 0;
        });
      } catch (error) {
        if (isOpen() && failures === 0) this.#onFault(error);
        failures += 1;
      }
      await sleep(Math.min(2_000, 100 * 2 ** failures), undefined, { ref: false });
    }
  }

  /** Resolves when the connection has ended. */
  async #listen(onConnected: () => void): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'registry-api notifications',
      keepAlive: true,
      connectionTimeoutMillis: 15_000,
    });
    const ended = new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.once('error', () => resolve());
    });
    client.on('error', () => undefined);
    client.on('notification', ({ channel, payload }) => this.#emitter.emit(channel, payload ?? ''));
    this.#client = client;
    await client.connect();
    await client.query(CHANNELS.map((channel) => `LISTEN ${channel}`).join('; '));
    onConnected();
    this.#emitter.emit('reconnected', '');
    await ended;
    await client.end().catch(() => undefined);
  }
}

import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const CHANNELS = ['tool_changed', 'export_job', 'tool_routes', 'webhook_outbox'] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * PostgreSQL notifications over one dedicated connection per process. Reconnects by itself; notifications in
 * between are lost, so listeners then receive `reconnected` and must reread their tables. A notification only
 * says that something has changed, so a spurious one is harmless.
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
    this.#emitter.setMaxListeners(0); // one per connected event stream
  }

  /** Starts listening; returns at once and reconnects until closed. */
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
    const isOpen = (): boolean => !this.#closed; // a function, because the value changes during await
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

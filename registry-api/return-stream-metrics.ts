import { Counter, Gauge, type Registry } from 'prom-client';
import type { ReturnStream } from '../contracts/return-stream.ts';
import type { ReturnStreams } from './store/return-streams.ts';

/** Adds the ways back of tools that were exported live. They are missing while the database does not answer. */
export function measureReturnStreams(registry: Registry, streams: ReturnStreams): void {
  const options = { labelNames: ['tool' as const], registers: [registry] };
  const readings = (): Promise<readonly ReturnStream[]> => streams.read().catch(() => []);
  const gauge = (name: string, help: string, valueOf: (stream: ReturnStream) => number | null): void => {
    new Gauge({
      name,
      help,
      ...options,
      async collect() {
        this.reset(); // a tool that was rolled back has none
        for (const stream of await readings()) {
          const value = valueOf(stream);
          if (value !== null) this.set({ tool: stream.id }, value);
        }
      },
    });
  };
  gauge(
    'tool_return_stream_up',
    "Whether the monolith's tables follow the service of a tool that was exported live (1), or not (0).",
    ({ state }) => (state === 'broken' ? 0 : 1),
  );
  gauge(
    'tool_return_stream_lag_bytes',
    "Bytes of the write-ahead log that the monolith's tables have not received from the service.",
    ({ lagBytes }) => lagBytes,
  );
  gauge(
    'tool_return_stream_lag_seconds',
    "Age of the oldest write of the service that the monolith's tables lack.",
    ({ lagSeconds }) => lagSeconds,
  );
  new Counter({
    name: 'tool_return_stream_apply_errors_total',
    help: "Failed attempts to apply a change of the service to the monolith's tables.",
    ...options,
    async collect() {
      this.reset();
      for (const { id, errors } of await readings()) this.inc({ tool: id }, errors);
    },
  });
}

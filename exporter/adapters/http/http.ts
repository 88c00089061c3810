import type { HttpPort } from '../../core/ports.ts';

const BODY_LIMIT = 4_096;

export function createHttpPort(signal: AbortSignal): HttpPort {
  return {
    async get(url, { timeoutMs = 3_000, headers = {} } = {}) {
      try {
        const response = await fetch(url, {
          headers: { ...headers, connection: 'close' },
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
        return { status: response.status, body: (await response.text()).slice(0, BODY_LIMIT) };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return { status: 0, body: describe(error) };
      }
    },
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

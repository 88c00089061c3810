import type { RequestHandler, Response } from 'express';
import type { Pool } from 'pg';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface Metrics {
  /** Measures every request, labelled with its route template because addresses are unbounded. */
  readonly measure: RequestHandler;
  readonly contentType: string;
  /** The Prometheus text format. */
  text(): Promise<string>;
  readonly registry: Registry;
}

/** One set of metrics per process. */
export function createMetrics(pool: Pool): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const labelNames = ['method', 'route', 'status'] as const;
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const inFlight = new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests in flight.',
    registers: [registry],
  });
  const faults = new Counter({
    name: 'http_faults_total',
    help: 'Responses with status 500 and above.',
    labelNames,
    registers: [registry],
  });
  new Gauge({
    name: 'registry_pool_connections',
    help: 'Database connections of the registry.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'waited_for' }, pool.waitingCount);
    },
  });
  return {
    registry,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    measure: (request, response, next) => {
      const stop = duration.startTimer();
      inFlight.inc();
      response.once('close', () => {
        inFlight.dec();
        const labels = { method: request.method, route: routeOf(response), status: response.statusCode };
        stop(labels);
        if (response.statusCode >= 500) faults.inc(labels);
      });
      next();
    },
  };
}

/** Set by the route that handled the request; requests without a route share one label. */
function routeOf(response: Response): string {
  const route: unknown = response.locals['route'];
  return typeof route === 'string' ? route : 'other';
}

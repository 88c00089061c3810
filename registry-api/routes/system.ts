import type { Pool } from 'pg';
import type { KeyStore } from '../auth/keys.ts';
import type { Metrics } from '../metrics.ts';
import type { Operation, Reply } from '../http/operation.ts';

/** Whether the service may be sent requests. */
export type Readiness = () => { readonly ready: boolean; readonly why?: string };

export interface SystemServices {
  readonly pool: Pool;
  readonly keys: Pick<KeyStore, 'jwks'>;
  readonly version: string;
  readonly metrics: Metrics;
  /** Turns false when the host begins to stop, so that nobody sends it anything more. */
  readonly readiness: Readiness;
}

/** What operators and other services ask. */
export function systemOperations(services: SystemServices): readonly Operation[] {
  const { pool, keys, version, metrics } = services;
  return [
    {
      ...probe('health', '/health', 'Whether the registry and its database work'),
      handle: async () => {
        const healthy = await answers(pool);
        const body = {
          status: healthy ? 'healthy' : 'unhealthy',
          service: 'Generator Platform',
          version,
          database: healthy ? 'up' : 'down',
        };
        return reply(healthy, body);
      },
    },
    {
      ...probe('livez', '/livez', 'Whether the process runs; depends on nothing'),
      handle: () => Promise.resolve(reply(true, { status: 'alive' })),
    },
    {
      ...probe('readyz', '/readyz', 'Whether it may be sent requests'),
      handle: async () => {
        const { ready, why } = services.readiness();
        if (!ready) return reply(false, { status: 'unready', reason: why ?? 'stopping' });
        const [database, keyed] = await Promise.all([answers(pool), keys.jwks().then(() => true, () => false)]); // prettier-ignore
        const reason = database
          ? keyed
            ? undefined
            : 'the signing keys cannot be read'
          : 'the database does not answer';
        return reply(
          reason === undefined,
          reason === undefined ? { status: 'ready' } : { status: 'unready', reason },
        );
      },
    },
    {
      id: 'metrics',
      kind: 'stream',
      method: 'get',
      path: '/metrics',
      tag: 'System',
      summary: 'Metrics for Prometheus',
      access: 'read',
      responses: { 200: { description: 'The text format of Prometheus.', contentType: 'text/plain' } },
      handle: async (_request, response) => {
        response.type(metrics.contentType).send(await metrics.text());
      },
    },
    {
      id: 'jwks',
      kind: 'read',
      method: 'get',
      path: '/.well-known/jwks.json',
      tag: 'System',
      summary: 'Public keys of the tokens that the platform issues',
      access: 'open',
      responses: { 200: { description: 'A JSON Web Key Set.', schema: 'KeySet' } },
      handle: async () => ({
        status: 200,
        headers: { 'Cache-Control': 'public, max-age=300' },
        body: await keys.jwks(),
      }),
    },
  ];
}

function probe(id: string, path: string, summary: string) {
  return {
    id,
    kind: 'read' as const,
    method: 'get' as const,
    path,
    tag: 'System' as const,
    summary,
    access: 'open' as const,
    responses: {
      200: { description: 'Yes.', schema: 'Health' },
      503: { description: 'No.', schema: 'Health' },
    },
  };
}

const reply = (good: boolean, body: unknown): Reply => ({
  status: good ? 200 : 503,
  headers: { 'Cache-Control': 'no-store', ...(good ? {} : { 'Retry-After': '2' }) },
  body,
});

async function answers(pool: Pool): Promise<boolean> {
  return pool.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

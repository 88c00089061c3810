import type { Operation } from '../../http/operation.ts';
import { databaseAnswers, probe, probeReply, succeeds } from './probe.ts';
import type { SystemServices } from './services.ts';

export const readyzOperation = (services: SystemServices): Operation =>
  probe({
    id: 'readyz',
    path: '/readyz',
    summary: 'Whether the registry accepts requests',
    handle: async () => {
      const reason = await whyUnready(services);
      return reason === null
        ? probeReply(true, { status: 'ready' })
        : probeReply(false, { status: 'unready', reason });
    },
  });

async function whyUnready({ readiness, pool, keys }: SystemServices): Promise<string | null> {
  const { ready, why = 'stopping' } = readiness();
  if (!ready) return why;
  const [database, keysReadable] = await Promise.all([databaseAnswers(pool), succeeds(keys.jwks())]);
  if (!database) return 'the database does not answer';
  return keysReadable ? null : 'the signing keys cannot be read';
}

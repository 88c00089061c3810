import type { DatabaseRef, ServerRef } from '../../extraction/api.ts';
import type { SharedFacts } from './facts.ts';

/** The server of the new database: the source's own (local runtime), or the service's container. */
export function serverOf({ runtime, infrastructure, names }: SharedFacts): ServerRef {
  if (runtime === 'local') return { kind: 'source' };
  return {
    kind: 'own',
    host: '127.0.0.1',
    port: infrastructure.databasePort,
    user: 'dbuser',
    secret: names.secrets.admin,
  };
}

export const databaseOf = (facts: SharedFacts): DatabaseRef => ({
  server: serverOf(facts),
  database: facts.names.database,
});

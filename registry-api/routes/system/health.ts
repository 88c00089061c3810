import type { Operation } from '../../http/operation.ts';
import { databaseAnswers, probe, probeReply } from './probe.ts';
import type { SystemServices } from './services.ts';

export const healthOperation = ({ pool, version }: SystemServices): Operation =>
  probe({
    id: 'health',
    path: '/health',
    summary: 'Health of the registry and its database',
    handle: async () => {
      const healthy = await databaseAnswers(pool);
      return probeReply(healthy, {
        status: healthy ? 'healthy' : 'unhealthy',
        service: 'Generator Platform',
        version,
        database: healthy ? 'up' : 'down',
      });
    },
  });

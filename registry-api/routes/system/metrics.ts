import type { Operation } from '../../http/operation.ts';
import type { SystemServices } from './services.ts';

export const metricsOperation = ({ metrics }: SystemServices): Operation => ({
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
});

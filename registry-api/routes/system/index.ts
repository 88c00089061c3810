import type { Operation } from '../../http/operation.ts';
import { healthOperation } from './health.ts';
import { jwksOperation } from './jwks.ts';
import { livezOperation } from './livez.ts';
import { metricsOperation } from './metrics.ts';
import { readyzOperation } from './readyz.ts';
import type { SystemServices } from './services.ts';

/** For operators and other services, in the order in which addresses are matched. */
export const systemOperations = (services: SystemServices): readonly Operation[] => [
  healthOperation(services),
  livezOperation,
  readyzOperation(services),
  metricsOperation(services),
  jwksOperation(services),
];

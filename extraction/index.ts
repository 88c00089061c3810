export { createDatabasePort, type DatabasePortOptions } from './run/database-port.ts';
export {
  readDatabaseFacts,
  type ReadDatabaseOptions,
} from '../exporter/steps/database/read-database-facts.ts';
export { fingerprintTables } from './run/fingerprint.ts';

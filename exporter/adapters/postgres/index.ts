export { createDatabasePort, type DatabasePortOptions } from './port.ts';
export { readDatabaseFacts, type ReadDatabaseOptions } from './read-database-facts.ts';
export { fingerprintTables } from './fingerprint.ts';

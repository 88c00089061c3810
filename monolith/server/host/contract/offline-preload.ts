import pg from 'pg';
import { refuseOutsideConnections } from './offline.ts';

// Loaded by --import into the process that replays a contract during an export
const { host } = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] ?? '' });
refuseOutsideConnections(host);

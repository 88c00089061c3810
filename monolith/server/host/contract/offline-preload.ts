import { refuseOutsideConnections } from './offline.ts';

// Loaded by --import into the process that replays a contract during an export
refuseOutsideConnections(process.env['TEST_DATABASE_URL'] ?? '');

/** `npm run openapi:types`, after a change of a route or a schema of the registry. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findWorkspace } from '../templating/roots.ts';
import { CLIENT_TYPES_FILE, clientTypes } from './openapi/client-types.ts';

await writeFile(path.join(findWorkspace(process.cwd()), CLIENT_TYPES_FILE), await clientTypes());
process.stdout.write(`Wrote ${CLIENT_TYPES_FILE}\n`);

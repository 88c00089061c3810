// Creates the missing passwords of docker-compose.poc.yml in the volume /secrets. Runs as root, because each file
// belongs to the user of the container that reads it.
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const PLATFORM_USER = 1000;
const passwordFile = '/secrets/postgres-password';

chmodSync('/secrets', 0o755);
if (!existsSync(passwordFile)) put(passwordFile, randomBytes(24).toString('base64url'), 0);
const password = readFileSync(passwordFile, 'utf8').trim();
put('/secrets/pgpass', `platform-db:5432:*:platform:${password}`, PLATFORM_USER);

/** Writes by rename, so that no reader sees half of a file. */
function put(file, text, owner) {
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
  chownSync(`${file}.new`, owner, owner);
  renameSync(`${file}.new`, file);
}

#!/usr/bin/env node
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT } from '../../../contracts/errors.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { openKeys } from '../../../registry-api/auth/keys.ts';
import { issueToken } from '../../../registry-api/auth/token.ts';
import { findRepositoryRoot } from '../../../templating/repository-root.ts';

const USAGE = `Usage: npm run token -- --scope=SCOPE[,SCOPE...] [--subject=NAME] [--ttl=SECONDS]
       npm run token -- --rotate

Prints a bearer token signed with the key of the platform.
  --scope    permissions: tools:write, exports:run, webhooks:manage, or a permission of a tool (repeatable)
  --subject  name in the history; default: cli
  --ttl      lifetime in seconds; default: 3600, at most 30 days
  --rotate   rotate the signing key; issued tokens stay valid
`;

try {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      scope: { type: 'string', multiple: true, default: [] },
      subject: { type: 'string', default: 'cli' },
      ttl: { type: 'string', default: '3600' },
      rotate: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const permissions = values.scope.flatMap((scope) => scope.split(/[\s,]+/)).filter((scope) => scope !== '');
  const bad = permissions.find((scope) => !/^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/.test(scope));
  if (bad !== undefined)
    throw new TypeError(`--scope=${bad}: must have the form domain:verb, for example tools:write`);
  const settings = parseSettings(process.env);
  const keys = openKeys(path.resolve(findRepositoryRoot(process.cwd()), settings.stateDir));
  if (values.help) process.stdout.write(USAGE);
  else if (values.rotate) process.stdout.write(`${(await keys.rotate()).kid}\n`);
  else if (permissions.length === 0) throw new TypeError('--scope is missing');
  else
    process.stdout.write(
      `${await issueToken(keys, { subject: values.subject, permissions, ttlSeconds: Number(values.ttl) })}\n`,
    );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = EXIT.usage;
}

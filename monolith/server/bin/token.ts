#!/usr/bin/env node
import path from 'node:path';
import { commandUsage, flagList, parseProgramFlags } from '../../../contracts/command-line.ts';
import { EXIT } from '../../../contracts/errors.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { LONGEST_TTL_SECONDS, openKeys } from '../../../registry-api/auth/keys.ts';
import { issueToken } from '../../../registry-api/auth/token.ts';
import { findWorkspace } from '../../../templating/roots.ts';

const FLAGS = {
  scope: {
    type: 'string',
    multiple: true,
    value: 'SCOPE',
    text: `what the token permits; several with commas
tools:write, exports:run, webhooks:manage, or a permission of a tool`,
  },
  subject: { type: 'string', value: 'NAME', default: 'cli', text: 'name in the history' },
  ttl: {
    type: 'number',
    max: LONGEST_TTL_SECONDS,
    value: 'SECONDS',
    default: 3600,
    text: 'seconds until it expires',
  },
  rotate: { type: 'boolean', text: 'sign with a new key from now on; issued tokens stay valid' },
  help: { type: 'boolean', text: 'show this text' },
} as const;
const usage = (problem: string): Error => commandUsage(COMMAND, [problem], FLAGS);
const COMMAND = 'npm run token --';
const HELP = `Prints a bearer token signed with the platform's key: ${COMMAND} --scope=SCOPE
Flags:
${flagList(FLAGS)}
`;

try {
  const flags = parseProgramFlags(COMMAND, process.argv.slice(2), FLAGS);
  const { scope: scopes = [], subject = FLAGS.subject.default, ttl: ttlSeconds = FLAGS.ttl.default } = flags;
  const permissions = scopes.flatMap((scope) => scope.split(/[\s,]+/)).filter((scope) => scope !== '');
  const bad = permissions.find((scope) => !/^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/.test(scope));
  if (bad !== undefined)
    throw usage(`--scope=${bad} must have the form domain:verb, for example tools:write`);
  const internal = permissions.find((scope) => scope.startsWith('platform:'));
  if (internal !== undefined)
    throw usage(`--scope=${internal} is internal to the platform. Name each permission that the token needs`);
  const settings = parseSettings(process.env);
  const keys = openKeys(path.resolve(findWorkspace(process.cwd()), settings.stateDir));
  if (flags.help === true) process.stdout.write(HELP);
  else if (flags.rotate === true) process.stdout.write(`${(await keys.rotate()).kid}\n`);
  else if (permissions.length === 0) throw usage('--scope=SCOPE is needed');
  else process.stdout.write(`${await issueToken(keys, { subject, permissions, ttlSeconds })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = EXIT.usage;
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import type Docker from 'dockerode';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import { readCompose } from '../compose/read-compose.ts';

/** Label of every container, volume and network that compose creates. */
const COMPOSE_PROJECT = 'com.docker.compose.project';

/**
 * The project of this folder as compose would call it: `COMPOSE_PROJECT_NAME` of the environment or of `.env`, else
 * `name` in the compose file, else the folder's name. It separates this clone from another one on the same engine that
 * has exported a tool of the same id.
 */
export function projectNameOf(root: string): string {
  const dotEnv = readDotEnv(root);
  const requested = process.env['COMPOSE_PROJECT_NAME'] ?? dotEnv['COMPOSE_PROJECT_NAME'] ?? '';
  const name = requested === '' ? nameInFile(root, { ...dotEnv, ...process.env }) : requested;
  return (name === '' ? path.basename(root) : name)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

/** Label filter for everything that compose has created for the project. */
export const projectLabel = (project: string): string => `${COMPOSE_PROJECT}=${project}`;

export const projectIn = (labels: Readonly<Record<string, string>> | undefined): string | undefined =>
  labels?.[COMPOSE_PROJECT];

/** Removes the project's networks when it has no containers; compose recreates them on demand. */
export async function removeIdleNetworks(engine: Docker, project: string): Promise<void> {
  const filters = { label: [projectLabel(project)] };
  if ((await engine.listContainers({ all: true, filters })).length > 0) return;
  for (const { Id } of await engine.listNetworks({ filters })) await engine.getNetwork(Id).remove();
}

function readDotEnv(root: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path.join(root, '.env'), 'utf8'));
  } catch {
    return {}; // no .env file
  }
}

/** `''` where the file has no name, or cannot be read: the step that edits it reports the problem. */
function nameInFile(root: string, variables: NodeJS.Dict<string>): string {
  try {
    const { name } = readCompose(readFileSync(path.join(root, COMPOSE_FILE), 'utf8'));
    return typeof name === 'string' ? interpolate(name, variables) : '';
  } catch {
    return '';
  }
}

/** `${NAME}`, `${NAME:-default}` and the like, without a brace in the default: the innermost ones. */
const VARIABLE = /\$(?:\{(?<braced>\w+)(?:(?<operator>:?[-+?])(?<word>[^{}]*))?\}|(?<plain>[a-z_]\w*))/gi;

/** Compose's variables in a value (Compose specification, 12-interpolation). `$$` is a dollar sign. */
function interpolate(text: string, variables: NodeJS.Dict<string>): string {
  const dollar = '\0';
  let value = text.replaceAll('$$', dollar);
  for (let before = ''; value !== before;) {
    before = value;
    value = value.replace(VARIABLE, (...match) => {
      const { braced, operator = '', word = '', plain } = match.at(-1) as Readonly<NodeJS.Dict<string>>;
      const found = variables[braced ?? plain ?? ''];
      const isSet = operator.startsWith(':') ? (found ?? '') !== '' : found !== undefined;
      if (operator.endsWith('+')) return isSet ? word : '';
      return isSet ? (found ?? '') : operator.endsWith('-') ? word : '';
    });
  }
  return value.replaceAll(dollar, '$');
}

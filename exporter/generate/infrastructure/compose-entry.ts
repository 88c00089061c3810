import { load } from 'js-yaml';
import { DEFAULT_IMAGES } from '../../../contracts/settings.ts';
import { authModeOf, tokenEnvironment } from '../../../contracts/tokens.ts';
import { render } from '../../../templating/render.ts';
import type { SharedFacts } from '../../core/facts.ts';
import { serviceLogLevel } from '../../core/service-log-level.ts';
import { STOP_SECONDS } from '../../core/stop-seconds.ts';
import { COMPOSE_SECTIONS, type ComposeEntry, type ComposeSection } from './compose-text.ts';

const TEMPLATE = 'infra/compose-service.yml.ejs';

/** What the tool's infrastructure follows from. */
export type InfrastructureInput = Pick<
  SharedFacts,
  'manifest' | 'names' | 'settings' | 'servicePort' | 'infrastructure'
> & { readonly preflight: Pick<SharedFacts['preflight'], 'commit'> };

/** One instance as a compose service: `crm-api`, then `crm-api-2` and so on, each on a port of its own. */
export interface Instance {
  readonly number: number;
  readonly name: string;
  readonly port: number;
}

export function instancesOf(input: InfrastructureInput): readonly Instance[] {
  const { names, servicePort, infrastructure } = input;
  const ports = [servicePort, ...infrastructure.replicaPorts];
  return ports.map((port, i) => ({
    number: i + 1,
    name: i === 0 ? names.api : `${names.api}-${i + 1}`,
    port,
  }));
}

/** Longest tag of an image, less a hyphen and the commit. */
const VERSION_LENGTH = 128 - 8;
const SHORT_COMMIT = 7;

/** Names of the images that the compose file builds, with the same tag. */
export function imagesOf(input: InfrastructureInput): { readonly api: string; readonly web: string } {
  const { names } = input;
  const tag = tagOf(input);
  return { api: `${names.api}:${tag}`, web: `${names.web}:${tag}` };
}

/** Version and exported commit. Tags know no `+`, which versions may hold. */
function tagOf({ manifest, preflight }: InfrastructureInput): string {
  const version = manifest.version.replaceAll('+', '_').slice(0, VERSION_LENGTH);
  return [version, preflight.commit.slice(0, SHORT_COMMIT)].filter((part) => part !== '').join('-');
}

/**
 * The tool's part of the compose file. Pure. Without containers it is the same for every machine; with them, its defaults are the
 * settings that its containers run with, so that compose by hand changes none.
 */
export function composeEntryOf(facts: InfrastructureInput): ComposeEntry {
  const { manifest, names, settings, servicePort, infrastructure } = facts;
  const { containers, platformKeys } = infrastructure;
  const text = render(TEMPLATE, {
    id: manifest.id,
    name: manifest.name,
    names,
    servicePort,
    databasePort: infrastructure.databasePort,
    instances: instancesOf(facts),
    images: containers === undefined ? DEFAULT_IMAGES : settings.images,
    user: containers?.user ?? DEFAULT_USER,
    startInterval: containers?.startInterval ?? false,
    stopSeconds: STOP_SECONDS,
    tag: tagOf(facts),
    variable: names.sql.toUpperCase(),
    logLevel: containers === undefined ? DEFAULT_LOG_LEVEL : serviceLogLevel(settings),
    authMode: authModeOf(settings.mode),
    platform: {
      ...tokenEnvironment('http://platform:3000', manifest.id),
      ...(containers === undefined ? {} : platformKeys),
    },
    hasVariables: manifest.env.length > 0,
    secretsFolder: `\${PLATFORM_STATE_DIR:-${containers === undefined ? DEFAULT_STATE : folderOf(settings.stateDir)}}/secrets`,
  });
  return sectionsOf(text);
}

/** User of the image of the service. */
const DEFAULT_USER = { uid: 1000, gid: 1000 };
const DEFAULT_STATE = './.platform';
const DEFAULT_LOG_LEVEL = 'info';

/** Compose takes a path without a slash at its beginning for the name of a volume. */
const folderOf = (stateDir: string): string =>
  stateDir.startsWith('/') || stateDir.startsWith('./') || stateDir.startsWith('../')
    ? stateDir
    : `./${stateDir}`;

/** Cuts a compose file into its sections, comments included, each moved to column 0. */
function sectionsOf(text: string): ComposeEntry {
  try {
    load(text);
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new Error(`templates/${TEMPLATE} does not produce valid YAML: ${reason ?? ''}`, { cause });
  }
  const lines = text.split('\n');
  const entry: Record<ComposeSection, string> = { services: '', volumes: '', networks: '', secrets: '' };
  for (const section of COMPOSE_SECTIONS) {
    const start = lines.indexOf(`${section}:`);
    if (start === -1) continue;
    const length = lines.slice(start + 1).findIndex((line) => /^\S/.test(line));
    const body = lines.slice(start + 1, length === -1 ? undefined : start + 1 + length);
    entry[section] = `${body
      .map((line) => line.slice(2))
      .join('\n')
      .trimEnd()}\n`;
  }
  return entry;
}

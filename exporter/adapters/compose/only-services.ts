import { dump } from 'js-yaml';
import { readCompose, type ComposeService, type Named } from './read-compose.ts';

/**
 * The compose file reduced to these services, their dependencies, volumes, networks and secrets. Compose 1 creates
 * every volume and network of its file, whichever services it starts; an export must not create the platform's.
 */
export function onlyServices(text: string, wanted: readonly string[]): string {
  const file = readCompose(text);
  const services: Record<string, ComposeService> = {};
  const add = (name: string): void => {
    const service = file.services?.[name];
    if (!service || name in services) return;
    services[name] = service;
    namesIn(service.depends_on).forEach(add);
  };
  wanted.forEach(add);
  const used = Object.values(services);
  return dump({
    services,
    volumes: pick(
      file.volumes,
      used.flatMap((s) => (s.volumes ?? []).map(volumeOf)),
    ),
    networks: pick(
      file.networks,
      used.flatMap((s) => namesIn(s.networks)),
    ),
    secrets: pick(
      file.secrets,
      used.flatMap((s) => (s.secrets ?? []).map((x) => (typeof x === 'string' ? x : x.source))),
    ),
  });
}

const volumeOf = (volume: string | { readonly source?: string }): string =>
  (typeof volume === 'string' ? volume.split(':')[0] : volume.source) ?? '';

function namesIn(value: readonly string[] | Named | undefined): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly string[]) : Object.keys(value);
}

function pick(all: Named | undefined, names: readonly string[]): Named {
  return Object.fromEntries(Object.entries(all ?? {}).filter(([name]) => names.includes(name)));
}

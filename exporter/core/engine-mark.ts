import type { SharedFacts } from './facts.ts';

/** File that exists from the moment an operation calls the container engine: its undo calls the engine only then. */
export const engineMark = (
  { settings, manifest }: Pick<SharedFacts, 'settings' | 'manifest'>,
  operation: 'database' | 'images' | 'containers',
): string => `${settings.stateDir}/run/docker-${manifest.id}-${operation}`;

import type { ToolId } from '../../contracts/ids.ts';
import type { Settings } from '../../contracts/settings.ts';

/** File that exists from the moment an operation calls the container engine: its undo calls the engine only then. */
export const engineMark = (
  { stateDir }: Pick<Settings, 'stateDir'>,
  toolId: ToolId,
  operation: 'database' | 'images' | 'containers',
): string => `${stateDir}/run/docker-${toolId}-${operation}`;

import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import type { SharedFacts } from '../../core/facts.ts';
import { readByExport } from '../../core/read-by-export.ts';

/**
 * The uncommitted files that refuse the export: all of them, or with `--allow-dirty` those that the export reads or
 * writes.
 * @param carried paths of the carried files in the exported apps
 */
export function dirtyFiles(
  { names, request, preflight }: Pick<SharedFacts, 'names' | 'request' | 'preflight'>,
  carried: readonly string[],
): readonly string[] {
  if (!request.allowDirty) return preflight.dirty;
  const isRead = readByExport(names, carried);
  const apps = [names.apiFolder, names.webFolder].map((folder) => `${folder}/`);
  const written = [COMPOSE_FILE, names.gatewayFile, names.upstreamFile];
  return preflight.dirty.filter(
    (file) => isRead(file) || written.includes(file) || apps.some((prefix) => file.startsWith(prefix)),
  );
}

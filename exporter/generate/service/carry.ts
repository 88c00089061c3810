import { stat } from 'node:fs/promises';
import { carriedFile } from '../../../templating/roots.ts';
import type { ImportGraph } from '../../../inspection/index.ts';
import { placeTexts, type AdaptedImport } from '../adapt-imports.ts';
import type { FilesPort } from '../../core/ports.ts';
import { readTexts } from '../read-texts.ts';
import { servicePath, type ServiceLayout } from './layout.ts';

/** Contents of the tool's files and of the shared code they reach, by path in the service. */
export async function carry(
  { root, files }: { readonly root: string; readonly files: Pick<FilesPort, 'readText'> },
  graph: ImportGraph,
  layout: ServiceLayout,
): Promise<{
  readonly carried: Readonly<Record<string, string>>;
  readonly adapted: readonly AdaptedImport[];
  readonly executable: readonly string[];
}> {
  const place = (file: string): string => servicePath(file, layout);
  const texts = await readTexts(files, '', [...graph.own, ...graph.carried]);
  const { placed, adapted } = placeTexts(texts, graph.edges, {
    place,
    aliasHolds: (specifier) => aliasStays(specifier, layout.toolId),
  });
  const programs = await programsAmong(root, Object.keys(texts));
  return { carried: placed, adapted, executable: programs.map(place) };
}

/** The files that their owner may execute. */
export async function programsAmong(folder: string, files: readonly string[]): Promise<readonly string[]> {
  const modes = await Promise.all(files.map(async (file) => (await stat(carriedFile(folder, file))).mode));
  return files.filter((_, i) => ((modes[i] ?? 0) & 0o100) !== 0);
}

/** Aliases in the service's package.json. */
function aliasStays(specifier: string, toolId: string): boolean {
  if (/^#(contracts|shared)\/[^.]+$/.test(specifier)) return true;
  return specifier.startsWith(`#tools/${toolId}/backend/`) && specifier.endsWith('.ts');
}

import path from 'node:path';
import type { ToolNames } from '../../../contracts/naming.ts';
import { placeTexts, type AdaptedImport } from '../adapt-imports.ts';
import type { ImportGraph, ImportTarget } from '../../../inspection/index.ts';
import type { FilesPort } from '../../core/ports.ts';
import { readTexts } from '../read-texts.ts';
import { aliasHolds, webPath, type WebLayout } from './destination.ts';

export interface Carried {
  /** Contents in the repository, by path. */
  readonly texts: Readonly<Record<string, string>>;
  /** The same files by path in the web app, with imports adapted. */
  readonly placed: Readonly<Record<string, string>>;
  readonly adapted: readonly AdaptedImport[];
}

/** Repository files that are carried into the web app. */
export async function carry(
  files: Pick<FilesPort, 'readText'>,
  graph: ImportGraph,
  names: ToolNames,
  layout: WebLayout,
): Promise<Carried> {
  const texts = await readTexts(files, '', carriedFiles(graph, names));
  const edges = graph.edges.filter(({ target }) => !isRefused(target, names));
  const app = {
    place: (file: string) => webPath(file, layout),
    aliasHolds: (specifier: string) => aliasHolds(specifier, layout),
  };
  return { texts, ...placeTexts(texts, edges, app) };
}

/** The tool's files, the code that they reach, and templates and styles of that code. */
export function carriedFiles(graph: ImportGraph, names: ToolNames): readonly string[] {
  const files = [...graph.own, ...graph.carried].filter((file) => !isOtherTool(file, names));
  return [...new Set([...files, ...resourcesOf(graph)])];
}

/** Imports of another tool are findings and are not adapted. */
const isRefused = (target: ImportTarget, names: ToolNames): boolean =>
  target.kind === 'file' && isOtherTool(target.path, names);

export const isOtherTool = (file: string, names: ToolNames): boolean =>
  file.startsWith('tools/') && !file.startsWith(`${names.toolFolder}/`);

const RESOURCE = /\b(?:templateUrl|styleUrls?)\s*:\s*(\[[^\]]*\]|'[^']*'|"[^"]*")/g;

/** Templates and style sheets of shared components. Those of the tool are among its own files. */
function resourcesOf({ carried, sources }: ImportGraph): readonly string[] {
  return carried.flatMap((file) =>
    [...(sources.get(file)?.getFullText() ?? '').matchAll(RESOURCE)].flatMap((match) =>
      [...(match[1] ?? '').matchAll(/['"](\.[^'"]+)['"]/g)].map((url) =>
        path.posix.join(path.posix.dirname(file), url[1] ?? ''),
      ),
    ),
  );
}

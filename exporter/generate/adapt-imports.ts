import path from 'node:path';
import type { Finding, StepId } from '../../contracts/plan.ts';
import type { ImportEdge } from '../../inspection/index.ts';

export interface AdaptedImport {
  readonly file: string;
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

export interface AdaptRequest {
  /** Repository-relative. */
  readonly file: string;
  readonly text: string;
  /** The imports of this file. */
  readonly edges: readonly ImportEdge[];
  /** Path of a repository file in the exported app. */
  readonly place: (file: string) => string;
  /** Whether an alias (`#contracts/x`) resolves to the same file in the exported app. */
  readonly aliasHolds: (specifier: string, edge: ImportEdge) => boolean;
}

/**
 * Rewrites imports to the new paths of their targets. Only the text between the quotes changes; a file whose imports
 * all still resolve is returned byte for byte.
 */
export function adaptImports(request: AdaptRequest): {
  readonly text: string;
  readonly adapted: readonly AdaptedImport[];
} {
  const { file, place } = request;
  const adapted: AdaptedImport[] = [];
  let { text } = request;
  // From the end, so that the offsets of earlier imports stay valid
  for (const edge of [...request.edges].sort((a, b) => b.start - a.start)) {
    if (edge.target.kind !== 'file' || holds(edge, request)) continue;
    const to = relativeSpecifier(place(file), place(edge.target.path));
    text = text.slice(0, edge.start) + to + text.slice(edge.end);
    adapted.unshift({ file, line: edge.line, from: edge.specifier, to });
  }
  return { text, adapted };
}

/** The texts by their paths in the exported app, each with its imports adapted. `edges`: imports of all of them. */
export function placeTexts(
  texts: Readonly<Record<string, string>>,
  edges: readonly ImportEdge[],
  app: Pick<AdaptRequest, 'place' | 'aliasHolds'>,
): { readonly placed: Readonly<Record<string, string>>; readonly adapted: readonly AdaptedImport[] } {
  const byFile = Map.groupBy(edges, (edge) => edge.file);
  const results = Object.entries(texts).map(([file, text]) => ({
    path: app.place(file),
    ...adaptImports({ file, text, edges: byFile.get(file) ?? [], ...app }),
  }));
  return {
    placed: Object.fromEntries(results.map(({ path, text }) => [path, text])),
    adapted: results.flatMap(({ adapted }) => adapted),
  };
}

/** Reports an adapted import. `app` is its name in the message, such as `the service`. */
export const adaptedFinding =
  (step: StepId, app: string) =>
  ({ file, line, from, to }: AdaptedImport): Finding => ({
    code: 'import-adapted',
    severity: 'info',
    step,
    file,
    line,
    message: `Import '${from}' becomes '${to}' in ${app}`,
    remedy: '',
  });

function holds(edge: ImportEdge, { file, place, aliasHolds }: AdaptRequest): boolean {
  if (edge.target.kind !== 'file') return true;
  if (!edge.specifier.startsWith('.')) return aliasHolds(edge.specifier, edge);
  const written = path.posix.join(path.posix.dirname(file), edge.specifier);
  const now = path.posix.join(path.posix.dirname(place(file)), edge.specifier);
  const target = edge.target.path;
  // './x' and './x/' resolve to x.ts or x/index.ts: keep the suffix that resolution adds
  const stem = target.startsWith(written) ? written : written.replace(/\.[cm]?js$/, '');
  if (!target.startsWith(stem)) return false;
  const ending = target.slice(stem.length);
  const nowStem = stem === written ? now : now.replace(/\.[cm]?js$/, '');
  return place(target) === nowStem + ending;
}

function relativeSpecifier(from: string, to: string): string {
  const relative = path.posix.relative(path.posix.dirname(from), to);
  return relative.startsWith('.') ? relative : `./${relative}`;
}

import type { Finding } from '../../contracts/plan.ts';
import type { ImportEdge } from '../source/import-graph.ts';
import { refusal, type CodeCheck } from './context.ts';

/** Imports that cannot come along: another tool's code, places outside the repository, files that are not there. */
export const checkForeignImports: CodeCheck = ({ graph, names }) =>
  graph.edges.flatMap((edge) => findingOf(edge, names.toolFolder) ?? []);

function findingOf(edge: ImportEdge, toolFolder: string): Finding | null {
  const { file, line, specifier, target } = edge;
  if (target.kind === 'outside')
    return refusal({
      code: 'code-absolute-path',
      file,
      line,
      message: `The import of '${specifier}' leads out of the repository, to a place that the service will not have.`,
      remedy: 'Move the file into the tool or into shared/, and import it from there.',
    });
  if (target.kind === 'unresolved')
    return refusal({
      code: 'code-import-unresolved',
      file,
      line,
      message: `The import of '${specifier}' leads to no file.`,
      remedy: 'Correct the path, or remove the import.',
    });
  if (target.kind !== 'file') return null;
  const other = /^tools\/([^/]+)\//.exec(target.path)?.[1];
  if (other === undefined || target.path.startsWith(`${toolFolder}/`)) return null;
  return refusal({
    code: 'code-foreign-tool',
    file,
    line,
    message: `${KINDS[edge.kind]} '${specifier}', which belongs to the tool ${other} and stays behind.`,
    remedy: `Move what both need into shared/, or call ${other} over HTTP and list it in manifest.json under /dependencies.`,
  });
}

const KINDS: Readonly<Record<ImportEdge['kind'], string>> = {
  import: 'This imports',
  export: 'This re-exports',
  type: 'This imports a type from',
  dynamic: 'This imports, when it runs,',
  require: 'This requires',
};

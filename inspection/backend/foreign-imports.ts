import { backendError } from '../findings.ts';
import type { ImportEdge } from '../source/import-graph.ts';
import type { ImportTarget } from '../source/resolve-import.ts';
import type { CodeCheck } from './context.ts';

/** Imports that cannot come along: another tool's code, places outside the repository, files that are not there. */
export const checkForeignImports: CodeCheck = ({ graph, names }) =>
  graph.edges.flatMap((edge) => {
    const problem =
      edge.target.kind === 'file' ? foreignTool(edge, names.toolFolder) : PROBLEMS[edge.target.kind];
    if (problem === undefined) return [];
    const { file, line, specifier } = edge;
    const { code, message, remedy } = problem;
    return backendError({ code, file, line, message: message(specifier), remedy });
  });

interface Problem {
  readonly code: string;
  readonly message: (specifier: string) => string;
  readonly remedy: string;
}

/** By where the import leads; `package` is looked at on its own. */
const PROBLEMS: Partial<Readonly<Record<ImportTarget['kind'], Problem>>> = {
  outside: {
    code: 'code-absolute-path',
    message: (specifier) =>
      `The import of '${specifier}' leads out of the repository, to a place that the service will not have.`,
    remedy: 'Move the file into the tool or into shared/, and import it from there.',
  },
  unresolved: {
    code: 'code-import-unresolved',
    message: (specifier) => `The import of '${specifier}' leads to no file.`,
    remedy: 'Correct the path, or remove the import.',
  },
};

function foreignTool({ kind, target }: ImportEdge, toolFolder: string): Problem | undefined {
  if (target.kind !== 'file' || target.path.startsWith(`${toolFolder}/`)) return undefined;
  const other = /^tools\/([^/]+)\//.exec(target.path)?.[1];
  if (other === undefined) return undefined;
  return {
    code: 'code-foreign-tool',
    message: (specifier) =>
      `${KINDS[kind]} '${specifier}', which belongs to the tool ${other} and stays behind.`,
    remedy: `Move what both need into shared/, or call ${other} over HTTP and list it in manifest.json under /dependencies.`,
  };
}

const KINDS: Readonly<Record<ImportEdge['kind'], string>> = {
  import: 'This imports',
  export: 'This re-exports',
  type: 'This imports a type from',
  dynamic: 'This imports, when it runs,',
  require: 'This requires',
};

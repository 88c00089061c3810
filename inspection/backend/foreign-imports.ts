import { backendError } from '../findings.ts';
import type { ImportEdge } from '../source/import-graph.ts';
import type { ImportTarget } from '../source/resolve-import.ts';
import type { CodeCheck } from './context.ts';

/** Finds imports of another tool, of files outside the repository, and of files that do not exist. */
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

/** By kind of target. Packages have a check of their own. */
const PROBLEMS: Partial<Readonly<Record<ImportTarget['kind'], Problem>>> = {
  outside: {
    code: 'code-absolute-path',
    message: (specifier) => `'${specifier}' is outside the repository and would be missing in the service.`,
    remedy: 'Move the file into the tool or into shared/, and import it from there.',
  },
  unresolved: {
    code: 'code-import-unresolved',
    message: (specifier) => `'${specifier}' resolves to no file.`,
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
      `${KINDS[kind]} '${specifier}', which belongs to the tool ${other} and is not exported.`,
    remedy: `Move the shared code into shared/, or call ${other} over HTTP and list it in manifest.json under /dependencies.`,
  };
}

const KINDS: Readonly<Record<ImportEdge['kind'], string>> = {
  import: 'This imports',
  export: 'This re-exports',
  type: 'This imports a type from',
  dynamic: 'This dynamically imports',
  require: 'This requires',
  named: 'This names',
};

import type { Finding } from '../../contracts/plan.ts';
import { frontendError } from '../findings.ts';
import type { ImportEdge } from '../source/import-graph.ts';
import type { ImportTarget } from '../source/resolve-import.ts';
import type { FrontendContext } from './context.ts';

/** Imports that resolve in the monolith and do not, or not to the same file, in the web app. */
export function checkImports({ graph, missingPackages, manifest }: FrontendContext): readonly Finding[] {
  const computed = graph.computed.map(({ file, line, text }) =>
    frontendError({
      code: 'code-computed-import',
      file,
      line,
      message: `${text}: only a run would know what this loads, so that it cannot be carried along.`,
      remedy: 'Write the path as a literal; for a choice, a switch over literal import() calls.',
    }),
  );
  const missing = missingPackages.map(({ name, file }) =>
    frontendError({
      code: 'code-package-missing',
      file,
      ...lineOf(graph.edges, file, name),
      message: `${name} is imported and is not in package-lock.json.`,
      remedy: `Install it: npm install ${name}`,
    }),
  );
  return [...computed, ...missing, ...graph.edges.flatMap((edge) => problemOf(edge, manifest.id) ?? [])];
}

type Problem = Pick<Finding, 'code' | 'remedy'> & { readonly text: string };

/** By where the import leads; `file` and `package` are looked at on their own. */
const PROBLEMS: Partial<Readonly<Record<ImportTarget['kind'], Problem>>> = {
  builtin: {
    code: 'code-builtin',
    text: 'is a module of Node, and browsers have none.',
    remedy: 'Use what browsers offer.',
  },
  outside: {
    code: 'code-absolute-path',
    text: 'leads out of the repository.',
    remedy: 'Bring the file into the tool or below shared/.',
  },
  unresolved: {
    code: 'code-import-unresolved',
    text: 'leads nowhere.',
    remedy: 'Correct the path, or add the file.',
  },
};

function problemOf({ file, line, specifier, target }: ImportEdge, self: string): Finding | null {
  const problem = target.kind === 'file' ? foreignTool(target.path, self) : PROBLEMS[target.kind];
  if (problem === undefined) return null;
  const { code, text, remedy } = problem;
  return frontendError({ code, file, line, message: `'${specifier}' ${text}`, remedy });
}

function foreignTool(path: string, self: string): Problem | undefined {
  const other = /^tools\/([^/]+)\//.exec(path)?.[1];
  if (other === undefined || other === self) return undefined;
  return {
    code: 'code-foreign-tool',
    text: `belongs to the tool "${other}" (${path}), which does not come along.`,
    remedy: `Move what both need below shared/, or ask "${other}" over HTTP and list it under dependencies.`,
  };
}

function lineOf(edges: readonly ImportEdge[], file: string, name: string): { readonly line?: number } {
  const edge = edges.find((e) => e.file === file && e.target.kind === 'package' && e.target.name === name);
  return edge === undefined ? {} : { line: edge.line };
}

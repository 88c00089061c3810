import type { Finding } from '../../contracts/plan.ts';
import type { ImportEdge } from '../source/import-graph.ts';
import { finding, type FrontendContext } from './context.ts';

/** Every import must mean in the web app what it means here. */
export function checkImports(context: FrontendContext): readonly Finding[] {
  const { graph, missingPackages } = context;
  const computed = graph.computed.map(({ file, line, text }) =>
    finding('code-computed-import', 'error', { file, line }, {
      message: `${text}: only a run would know what this loads, so that it cannot be carried along.`,
      remedy: 'Write the path as a literal; for a choice, a switch over literal import() calls.',
    }),
  ); // prettier-ignore
  const missing = missingPackages.map(({ name, file }) =>
    finding('code-package-missing', 'error', { file, ...lineOf(graph.edges, file, name) }, {
      message: `${name} is imported and is not in package-lock.json.`,
      remedy: `Install it: npm install ${name}`,
    }),
  ); // prettier-ignore
  return [...computed, ...missing, ...graph.edges.flatMap((edge) => problemOf(edge, context) ?? [])];
}

function problemOf(edge: ImportEdge, { manifest }: FrontendContext): Finding | null {
  const { file, line, specifier, target } = edge;
  const refuse = (code: string, message: string, remedy: string): Finding =>
    finding(code, 'error', { file, line }, { message: `'${specifier}' ${message}`, remedy });
  switch (target.kind) {
    case 'package':
      return null;
    case 'builtin':
      return refuse('code-builtin', 'is a module of Node, and browsers have none.', 'Use what browsers offer.');
    case 'outside':
      return refuse('code-absolute-path', 'leads out of the repository.', 'Bring the file into the tool or below shared/.');
    case 'unresolved':
      return refuse('code-import-unresolved', 'leads nowhere.', 'Correct the path, or add the file.');
    case 'file': {
      const other = /^tools\/([^/]+)\//.exec(target.path)?.[1];
      if (other === undefined || other === manifest.id) return null;
      return refuse(
        'code-foreign-tool',
        `belongs to the tool "${other}" (${target.path}), which does not come along.`,
        `Move what both need below shared/, or ask "${other}" over HTTP and list it under dependencies.`,
      );
    }
  }
} // prettier-ignore

function lineOf(edges: readonly ImportEdge[], file: string, name: string): { readonly line?: number } {
  const edge = edges.find((e) => e.file === file && e.target.kind === 'package' && e.target.name === name);
  return edge === undefined ? {} : { line: edge.line };
}

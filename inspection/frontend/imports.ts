import type { Finding } from '../../contracts/plan.ts';
import { frontendError } from '../findings.ts';
import type { ImportEdge } from '../source/import-graph.ts';
import { linkedPackage } from '../source/linked-package.ts';
import { repositoryFile } from '../repository-file.ts';
import type { ImportTarget } from '../source/resolve-import.ts';
import type { FrontendContext } from './context.ts';

/** Finds imports that would not resolve, or resolve differently, in the web app. */
export function checkImports({ graph, missingPackages, manifest }: FrontendContext): readonly Finding[] {
  const computed = graph.computed.map(({ file, line, text }) =>
    frontendError({
      code: 'code-computed-import',
      file,
      line,
      message: `The path in ${text} is computed at run time, so the export cannot carry the module over.`,
      remedy: 'Write the path as a literal; for several modules, use one import() each.',
    }),
  );
  const missing = missingPackages.map(({ name, file, link }) =>
    frontendError({
      code: 'code-package-missing',
      file,
      ...lineOf(graph.edges, file, name),
      ...(link === undefined
        ? {
            message: `The package ${name} is imported but is not in package-lock.json.`,
            remedy: `Run npm install ${name} in the repository and commit package.json and package-lock.json.`,
          }
        : linkedPackage(name, link)),
    }),
  );
  return [...computed, ...missing, ...graph.edges.flatMap((edge) => problemOf(edge, manifest.id) ?? [])];
}

type Problem = Pick<Finding, 'code' | 'remedy'> & { readonly text: string };

/** By kind of target. Files and packages have checks of their own. */
const PROBLEMS: Partial<Readonly<Record<ImportTarget['kind'], Problem>>> = {
  builtin: {
    code: 'code-builtin',
    text: 'is a Node.js module, which browsers do not provide.',
    remedy: 'Use a browser API instead.',
  },
  outside: {
    code: 'code-absolute-path',
    text: 'is outside the repository.',
    remedy: 'Move the file into the tool or into shared/.',
  },
  unresolved: {
    code: 'code-import-unresolved',
    text: 'resolves to no file.',
    remedy: 'Correct the path, or add the file.',
  },
};

function problemOf({ file, line, specifier, target }: ImportEdge, self: string): Finding | null {
  const problem =
    target.kind === 'file'
      ? (foreignTool(target.path, self) ?? configuringFile(target.path))
      : PROBLEMS[target.kind];
  if (problem === undefined) return null;
  const { code, text, remedy } = problem;
  return frontendError({ code, file, line, message: `'${specifier}' ${text}`, remedy });
}

function foreignTool(path: string, self: string): Problem | undefined {
  const other = /^tools\/([^/]+)\//.exec(path)?.[1];
  if (other === undefined || other === self) return undefined;
  return {
    code: 'code-foreign-tool',
    text: `belongs to the tool "${other}" (${path}) and is not exported.`,
    remedy: `Move the shared code into shared/, or call "${other}" over HTTP and list it in manifest.json under /dependencies.`,
  };
}

function configuringFile(path: string): Problem | undefined {
  const problem = repositoryFile(path);
  return problem === null
    ? undefined
    : { code: 'code-repository-file', text: problem.message, remedy: problem.remedy };
}

function lineOf(edges: readonly ImportEdge[], file: string, name: string): { readonly line?: number } {
  const edge = edges.find((e) => e.file === file && e.target.kind === 'package' && e.target.name === name);
  return edge === undefined ? {} : { line: edge.line };
}

import path from 'node:path';
import { ignoredFindings, type FileUse } from '../ignored-files.ts';
import { backendError, backendWarning } from '../findings.ts';
import type { CheckContext, CodeCheck } from './context.ts';
import { modulePaths } from './paths.ts';

/** Finds files that git ignores where the backend imports one or names its path, and in the tool's folder. */
export const checkIgnored: CodeCheck = (context) => {
  const { ignored, names } = context;
  if (ignored.length === 0) return [];
  return ignoredFindings(ignored, {
    uses: usesOf(context),
    isOwn: (file) =>
      file.startsWith(`${names.toolFolder}/`) && !file.startsWith(`${names.toolFolder}/frontend/`),
    error: backendError,
    warning: backendWarning,
  });
};

function usesOf({ graph }: CheckContext): readonly FileUse[] {
  const imports = graph.edges.flatMap(({ file, line, specifier, target }) =>
    target.kind === 'file'
      ? [{ file, line, needs: target.path, text: `'${specifier}' is ${target.path}` }]
      : [],
  );
  const paths = [...graph.sources].flatMap(([file, source]) =>
    modulePaths(source).map(({ node, value }) => {
      const needs = path.posix.join(path.posix.dirname(file), value.path);
      return { file, line: node.getStartLineNumber(), needs, text: `This path leads to ${needs}` };
    }),
  );
  return [...imports, ...paths];
}

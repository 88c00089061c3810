import type { Finding } from '../../contracts/plan.ts';
import { frontendError, frontendWarning } from '../findings.ts';
import { ignoredFindings, type FileUse } from '../ignored-files.ts';
import type { FrontendContext } from './context.ts';
import { resourcesOf } from './styles.ts';

/** Finds files that git ignores where the frontend imports or loads one, and in its folder. */
export function checkIgnored(context: FrontendContext): readonly Finding[] {
  const { ignored, names } = context;
  if (ignored.length === 0) return [];
  return ignoredFindings(ignored, {
    uses: usesOf(context),
    isOwn: (file) => file.startsWith(`${names.toolFolder}/frontend/`),
    error: frontendError,
    warning: frontendWarning,
  });
}

function usesOf({ graph }: FrontendContext): readonly FileUse[] {
  const imports = graph.edges.flatMap(({ file, line, specifier, target }) =>
    target.kind === 'file'
      ? [{ file, line, needs: target.path, text: `'${specifier}' is ${target.path}` }]
      : [],
  );
  const resources = [...graph.sources].flatMap(([file, source]) =>
    resourcesOf(file, source).map(({ node, text, target }) => ({
      file,
      line: node.getStartLineNumber(),
      needs: target,
      text: `'${text}' is ${target}`,
    })),
  );
  return [...imports, ...resources];
}

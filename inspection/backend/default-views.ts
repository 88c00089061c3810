import { SyntaxKind } from 'ts-morph';
import { knownText } from '../source/evaluate.ts';
import { definesViews } from '../source/named-packages.ts';
import { backendError } from '../findings.ts';
import type { CodeCheck } from './context.ts';
import { nodesOfKind } from '../source/nodes.ts';

/** Finds view engines of a tool that sets no folder of views: Express then looks in the working directory. */
export const checkDefaultViews: CodeCheck = ({ graph, running }) => {
  const imported = graph.packages.map(({ name }) => name);
  if (!imported.includes('express') || imported.some(definesViews)) return [];
  const settings = [...graph.sources]
    .filter(([file]) => running.has(file))
    .flatMap(([file, source]) =>
      nodesOfKind(source, SyntaxKind.CallExpression).flatMap((call) => {
        const [name] = call.getArguments();
        if (name === undefined || !/\.set$/.test(call.getExpression().getText())) return [];
        return [{ file, line: call.getStartLineNumber(), name: knownText(name) }];
      }),
    );
  if (settings.some(({ name }) => name === 'views' || name === 'view')) return [];
  return settings
    .filter(({ name }) => name === 'view engine')
    .map(({ file, line }) =>
      backendError({
        code: 'code-path-escape',
        file,
        line,
        message: 'Express looks for views in views/ of the working directory, which differs in the service.',
        remedy: `Set their folder: app.set('views', path.join(import.meta.dirname, 'views')).`,
      }),
    );
};

import { Node, SyntaxKind, type Identifier } from 'ts-morph';
import type { Finding } from '../../contracts/plan.ts';
import { frontendWarning } from '../findings.ts';
import type { FrontendContext } from './context.ts';
import { nodesOfKind } from '../source/nodes.ts';

/** Warns about browser storage: behind the gateway, the tool and the platform share one origin. */
export function checkStorage({ graph }: FrontendContext): readonly Finding[] {
  return [...graph.sources].flatMap(([file, source]) =>
    nodesOfKind(source, SyntaxKind.Identifier)
      .filter((name) => /^(?:local|session)Storage$/.test(name.getText()) && isGlobal(name))
      .map((name) =>
        frontendWarning({
          code: 'code-browser-storage',
          file,
          line: name.getStartLineNumber(),
          message: `${name.getText()} is shared by all apps of this origin, including the platform.`,
          remedy: 'Store no tokens in it, and prefix its keys with the id of the tool.',
        }),
      ),
  );
}

/** `localStorage` and `window.localStorage`, but no member of another object and no name in a type. */
function isGlobal(name: Identifier): boolean {
  const parent = name.getParent();
  if (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === name)
    return /^(?:window|globalThis|self)$/.test(parent.getExpression().getText());
  return !Node.isPropertyAssignment(parent) && !Node.isPropertySignature(parent);
}

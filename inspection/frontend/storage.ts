import { Node, type Identifier } from 'ts-morph';
import type { Finding } from '../../contracts/plan.ts';
import { frontendWarning } from '../findings.ts';
import type { FrontendContext } from './context.ts';

/** Storage belongs to the origin: behind the gateway the tool still shares it with the platform. Reported only. */
export function checkStorage({ graph }: FrontendContext): readonly Finding[] {
  return [...graph.sources].flatMap(([file, source]) =>
    source
      .getDescendants()
      .filter(Node.isIdentifier)
      .filter((name) => /^(?:local|session)Storage$/.test(name.getText()) && isGlobal(name))
      .map((name) =>
        frontendWarning({
          code: 'code-browser-storage',
          file,
          line: name.getStartLineNumber(),
          message: `${name.getText()} is shared by everything on this origin, the platform included.`,
          remedy: 'Keep no token in it, and begin its keys with the id of the tool.',
        }),
      ),
  );
}

/** `localStorage` and `window.localStorage`, but not a member of something else or a name in a type. */
function isGlobal(name: Identifier): boolean {
  const parent = name.getParent();
  if (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === name)
    return /^(?:window|globalThis|self)$/.test(parent.getExpression().getText());
  return !Node.isPropertyAssignment(parent) && !Node.isPropertySignature(parent);
}

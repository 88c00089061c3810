import { Node, type CallExpression } from 'ts-morph';
import { bare } from '../../source/definition.ts';

/** One call of a chain such as `db('t').where(x).first()`. */
export interface ChainLink {
  readonly name: string;
  readonly call: CallExpression;
}

/** A chain of calls as written, the innermost first. */
export interface Chain {
  /** What the first method is called on. */
  readonly root: Node;
  readonly links: readonly ChainLink[];
}

/** The whole chain that a call belongs to. */
export function chainOf(call: CallExpression): Chain {
  let top: Node = call;
  for (;;) {
    const member = top.getParent();
    if (!Node.isPropertyAccessExpression(member) || member.getExpression() !== top) break;
    const next = member.getParent();
    if (!Node.isCallExpression(next) || next.getExpression() !== member) break;
    top = next;
  }
  const links: ChainLink[] = [];
  let node: Node = top;
  while (Node.isCallExpression(node)) {
    const callee: Node = node.getExpression();
    if (!Node.isPropertyAccessExpression(callee)) break;
    links.unshift({ name: callee.getName(), call: node });
    node = bare(callee.getExpression());
  }
  return { root: node, links };
}

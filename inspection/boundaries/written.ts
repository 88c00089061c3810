import { Node } from 'ts-morph';
import { bare } from '../source/definition.ts';
import type { Access } from './types.ts';

const ASSIGNS = /^([-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)?=$/;
const CHANGES = /\.(push|pop|shift|unshift|splice|sort|reverse|set|add|delete|clear|fill)$/;

/** Whether a value, or a member of it, is assigned, deleted or changed by a method here. */
export function accessOf(use: Node): Access {
  let node: Node = use;
  for (let parent = node.getParent(); parent !== undefined; parent = node.getParent()) {
    const isMember =
      (Node.isPropertyAccessExpression(parent) || Node.isElementAccessExpression(parent)) &&
      parent.getExpression() === node;
    const isWrapped = bare(parent) !== parent && !Node.isAwaitExpression(parent);
    if (!isMember && !isWrapped) return isWritten(node, parent) ? 'write' : 'read';
    node = parent;
  }
  return 'read';
}

function isWritten(node: Node, parent: Node): boolean {
  if (Node.isBinaryExpression(parent))
    return parent.getLeft() === node && ASSIGNS.test(parent.getOperatorToken().getText());
  if (Node.isPostfixUnaryExpression(parent) || Node.isDeleteExpression(parent)) return true;
  if (Node.isPrefixUnaryExpression(parent)) return /^(\+\+|--)/.test(parent.getText());
  if (!Node.isCallExpression(parent)) return false;
  if (parent.getExpression() === node) return CHANGES.test(node.getText());
  return parent.getExpression().getText() === 'Object.assign' && parent.getArguments()[0] === node;
}

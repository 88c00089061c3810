import { Node, type Expression } from 'ts-morph';
import { bare, constantOf, definitionOf, lastName } from '../source/definition.ts';

const MAX_DEPTH = 15;

/**
 * The router that an expression evaluates to, identified by the call that creates it (`Router()`, `express()`) or by a parameter;
 * `undefined` when the expression is no router, or cannot be evaluated statically.
 */
export function routerOf(expression: Node, depth = 0): Node | undefined {
  const node = bare(expression);
  if (depth > MAX_DEPTH) return undefined;
  if (Node.isCallExpression(node) || Node.isNewExpression(node)) {
    const callee = node.getExpression();
    if (lastName(callee) === 'Router' || isExpress(callee)) return node;
    if (Node.isPropertyAccessExpression(callee) && Node.isCallExpression(node)) {
      const chained = /^(get|post|put|patch|delete|all|use|options|head|param)$/.test(callee.getName());
      const object = chained ? routerOf(callee.getExpression(), depth + 1) : undefined;
      if (object !== undefined) return object;
    }
    return returnedRouter(definitionOf(nameOf(callee)), depth);
  }
  if (Node.isIdentifier(node)) return routerOfDefinition(definitionOf(node), depth);
  if (Node.isPropertyAccessExpression(node))
    return routerOfDefinition(definitionOf(node.getNameNode()), depth);
  return undefined;
}

/** `express` of `express()`, which creates an application that can be mounted like a router. */
function isExpress(callee: Node): boolean {
  const node = bare(callee);
  if (Node.isPropertyAccessExpression(node))
    return node.getName() === 'default' && isExpress(node.getExpression());
  const required = Node.isIdentifier(node) ? constantOf(node) : node;
  if (required !== undefined && required !== node && Node.isIdentifier(bare(required)))
    return isExpress(required);
  if (Node.isCallExpression(required)) {
    const [name] = required.getArguments();
    return Node.isStringLiteral(name) && name.getLiteralText() === 'express';
  }
  const [declared] = Node.isIdentifier(node) ? (node.getSymbol()?.getDeclarations() ?? []) : [];
  if (Node.isImportSpecifier(declared) && declared.getName() !== 'default') return false;
  const imported = declared?.getFirstAncestor(Node.isImportDeclaration);
  return imported?.getModuleSpecifierValue() === 'express';
}

function nameOf(callee: Expression): Node {
  const node = bare(callee);
  return Node.isPropertyAccessExpression(node) ? node.getNameNode() : node;
}

function routerOfDefinition(definition: Node | undefined, depth: number): Node | undefined {
  if (definition === undefined) return undefined;
  if (Node.isParameterDeclaration(definition)) return definition;
  if (Node.isExportAssignment(definition)) return routerOf(definition.getExpression(), depth + 1);
  if (
    Node.isVariableDeclaration(definition) ||
    Node.isPropertyDeclaration(definition) ||
    Node.isPropertyAssignment(definition)
  ) {
    const value = definition.getInitializer();
    return value === undefined ? undefined : routerOf(value, depth + 1);
  }
  if (Node.isGetAccessorDeclaration(definition)) return returnedRouter(definition, depth);
  if (Node.isShorthandPropertyAssignment(definition)) return routerOf(definition.getNameNode(), depth + 1);
  return undefined;
}

/** The router that a function returns. */
export function returnedRouter(definition: Node | undefined, depth = 0): Node | undefined {
  if (depth > MAX_DEPTH || definition === undefined) return undefined;
  if (Node.isExportAssignment(definition)) return returnedRouter(bare(definition.getExpression()), depth + 1);
  if (Node.isExportSpecifier(definition))
    return returnedRouter(definitionOf(definition.getNameNode()), depth + 1);
  if (Node.isIdentifier(definition)) return returnedRouter(definitionOf(definition), depth + 1);
  if (Node.isVariableDeclaration(definition) || Node.isPropertyAssignment(definition)) {
    const value = definition.getInitializer();
    return value === undefined ? undefined : returnedRouter(bare(value), depth + 1);
  }
  if (Node.isArrowFunction(definition) && !Node.isBlock(definition.getBody()))
    return routerOf(definition.getBody(), depth + 1);
  if (!isFunction(definition)) return undefined;
  for (const value of returnedValues(definition)) {
    const router = routerOf(value, depth + 1);
    if (router !== undefined) return router;
  }
  return undefined;
}

/** Values of a function's `return` statements, without those of nested functions. */
function returnedValues(fn: Node): readonly Expression[] {
  return fn
    .getDescendants()
    .filter(Node.isReturnStatement)
    .filter((statement) => statement.getFirstAncestor(isFunction) === fn)
    .flatMap((statement) => statement.getExpression() ?? []);
}

const isFunction = (node: Node): boolean =>
  Node.isFunctionLikeDeclaration(node) || Node.isFunctionExpression(node);

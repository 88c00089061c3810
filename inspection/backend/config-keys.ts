import { Node, type SourceFile, type Symbol } from 'ts-morph';
import type { CodeCheck } from './context.ts';
import { keysOfName, keysReadFrom, undeclared, type KeyUse } from './environment.ts';
import { nodesOf } from '../source/nodes.ts';

/** Finds keys of the host's `config` that the manifest does not declare. */
export const checkConfigKeys: CodeCheck = ({ graph, running, manifest }) => {
  const declared = new Set(manifest.env.map(({ name }) => name));
  return [...graph.sources]
    .filter(([file]) => running.has(file) && !file.startsWith('contracts/'))
    .flatMap(([file, source]) =>
      configKeys(source)
        // Passing the whole config on is allowed: the receiving module is checked by its declared type
        .filter(({ name }) => name !== null && !declared.has(name))
        .map((use) => undeclared(file, use, 'code-undeclared-config', 'config')),
    );
};

function configKeys(source: SourceFile): readonly KeyUse[] {
  const uses: KeyUse[] = [];
  for (const node of nodesOf(source)) {
    if (isConfigOfContext(node)) uses.push(...keysReadFrom(node));
    if (
      !Node.isParameterDeclaration(node) &&
      !Node.isPropertyDeclaration(node) &&
      !Node.isVariableDeclaration(node)
    )
      continue;
    const type = node.getTypeNode()?.getText() ?? contextualType(node);
    const name = node.getNameNode();
    if (/ToolContext\[['"]config['"]\]/.test(type)) uses.push(...keysOf(name, node));
    else if (/\bToolContext\b/.test(type) && !/ToolContext\[/.test(type)) uses.push(...configOf(name, node));
  }
  return [...new Map(uses.map((use) => [`${use.node.getStart()} ${use.name ?? ''}`, use])).values()];
}

/** `x.config`, `x['config']` and `{ config } = x`, where the type of `x` is `ToolContext`. */
function isConfigOfContext(node: Node): boolean {
  if (Node.isPropertyAccessExpression(node))
    return node.getName() === 'config' && isMemberOfContext(node.getNameNode().getSymbol());
  if (Node.isElementAccessExpression(node))
    return isMemberOfContext(node.getArgumentExpression()?.getSymbol());
  if (!Node.isBindingElement(node)) return false;
  const name = (node.getPropertyNameNode() ?? node.getNameNode()).getText();
  return name === 'config' && isMemberOfContext(node.getParent().getType().getProperty(name));
}

function isMemberOfContext(member: Symbol | undefined): boolean {
  return (member?.getDeclarations() ?? []).some((declaration) => {
    const holder = declaration.getParent();
    return Node.isInterfaceDeclaration(holder) && holder.getName() === 'ToolContext';
  });
}

/** The parameter of `const createRouter: CreateToolRouter = (context) => ...` has no declared type. */
function contextualType(node: Node): string {
  if (!Node.isParameterDeclaration(node) || node.getChildIndex() !== 0) return '';
  const holder = node.getParent().getParent();
  const type =
    Node.isVariableDeclaration(holder) || Node.isSatisfiesExpression(holder) ? holder.getTypeNode() : null;
  return type?.getText() === 'CreateToolRouter' ? 'ToolContext' : '';
}

/** `config` read from a context: `context.config`, `{ config }`, `this.context.config`. */
function configOf(name: Node, declaration: Node): readonly KeyUse[] {
  if (Node.isObjectBindingPattern(name))
    return name
      .getElements()
      .filter((element) => (element.getPropertyNameNode() ?? element.getNameNode()).getText() === 'config')
      .flatMap((element) => keysOfName(element.getNameNode()));
  return accessesOf(name, declaration).flatMap((access) => {
    const parent = access.getParent();
    if (
      Node.isPropertyAccessExpression(parent) &&
      parent.getExpression() === access &&
      parent.getName() === 'config'
    )
      return keysReadFrom(parent);
    if (Node.isVariableDeclaration(parent) && parent.getInitializer() === access)
      return configOf(parent.getNameNode(), parent);
    return [];
  });
}

function keysOf(name: Node, declaration: Node): readonly KeyUse[] {
  if (!Node.isPropertyDeclaration(declaration)) return keysOfName(name);
  return accessesOf(name, declaration).flatMap((access) => keysReadFrom(access));
}

/** Uses of a parameter or variable, or of a class member as `this.member`. */
function accessesOf(name: Node, declaration: Node): readonly Node[] {
  const isMember = Node.isPropertyDeclaration(declaration);
  const scope = isMember ? declaration.getParent() : (declaration.getParent()?.getParent() ?? declaration);
  const text = isMember ? `this.${name.getText()}` : name.getText();
  return scope.getDescendants().filter((node) => {
    if (isMember) return Node.isPropertyAccessExpression(node) && node.getText() === text;
    return (
      Node.isIdentifier(node) &&
      node.getText() === text &&
      node.getSymbol() === name.getSymbol() &&
      node !== name
    );
  });
}

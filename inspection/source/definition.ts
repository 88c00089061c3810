import { Node, SyntaxKind, type Expression, type Identifier, type SourceFile } from 'ts-morph';
import { nodesOfKind } from './nodes.ts';

/** Declaration of a name, resolved across the files of the graph; `undefined` for names from a package. */
export function definitionOf(name: Node): Node | undefined {
  const symbol = name.getSymbol();
  const target = symbol?.getAliasedSymbol() ?? symbol;
  return target?.getDeclarations()[0];
}

/**
 * Every other use of the same declaration in the file and, when it is exported, in `others`. Import and export
 * specifiers are not uses.
 */
export function usesOf(name: Identifier, others: Iterable<SourceFile> = []): readonly Identifier[] {
  const definition = definitionOf(name);
  if (definition === undefined) return [];
  const ownFile = name.getSourceFile();
  const here = identifiersOf(ownFile).filter((other) => other !== name && other.getText() === name.getText());
  const exported = ownFile.getExportSymbols().map((symbol) => symbol.getAliasedSymbol() ?? symbol);
  const isExported = exported.some((symbol) => symbol.getDeclarations()[0] === definition);
  const elsewhere = isExported ? [...others].filter((file) => file !== ownFile).flatMap(identifiersOf) : [];
  return [...here, ...elsewhere].filter((other) => !isNamed(other) && definitionOf(other) === definition);
}

const identifiersOf = (file: SourceFile): readonly Identifier[] => nodesOfKind(file, SyntaxKind.Identifier);

/** `import { name }`, `export { name }` */
const isNamed = (name: Identifier): boolean => {
  const parent = name.getParent();
  return Node.isImportSpecifier(parent) || Node.isExportSpecifier(parent) || Node.isImportClause(parent);
};

/** Initializer of a `const`, a readonly class member, an object member or an enum member. */
export function constantOf(name: Node): Expression | undefined {
  const definition = definitionOf(name);
  if (Node.isVariableDeclaration(definition)) {
    const statement = definition.getVariableStatement();
    return statement?.getDeclarationKindKeywords()[0]?.getText() === 'const'
      ? definition.getInitializer()
      : undefined;
  }
  if (Node.isPropertyAssignment(definition) || Node.isEnumMember(definition))
    return definition.getInitializer();
  if (Node.isPropertyDeclaration(definition) && definition.isReadonly()) return definition.getInitializer();
  return undefined;
}

/** `(x)`, `x as T`, `x satisfies T`, `x!`, `await x`: the expression inside. */
export function bare(node: Node): Node {
  if (
    Node.isParenthesizedExpression(node) ||
    Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isNonNullExpression(node) ||
    Node.isAwaitExpression(node)
  )
    return bare(node.getExpression());
  return node;
}

/** `a.b.c` -> `c`, `f` -> `f`. */
export function lastName(callee: Node): string {
  const node = bare(callee);
  if (Node.isPropertyAccessExpression(node)) return node.getName();
  return Node.isIdentifier(node) ? node.getText() : '';
}

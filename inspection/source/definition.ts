import { Node, type Expression, type Identifier, type SourceFile } from 'ts-morph';

/** What a name stands for, looked up across the files of the graph; `undefined` for what comes from a package. */
export function definitionOf(name: Node): Node | undefined {
  const symbol = name.getSymbol();
  const target = symbol?.getAliasedSymbol() ?? symbol;
  return target?.getDeclarations()[0];
}

/**
 * Every other place in the same file that means the same thing, and of what is exported those in `others`, too. Where it
 * is only imported or exported it is not used.
 */
export function usesOf(name: Identifier, others: Iterable<SourceFile> = []): readonly Identifier[] {
  const definition = definitionOf(name);
  if (definition === undefined) return [];
  const home = name.getSourceFile();
  const here = identifiersOf(home).filter((other) => other !== name && other.getText() === name.getText());
  const exported = home.getExportSymbols().map((symbol) => symbol.getAliasedSymbol() ?? symbol);
  const isExported = exported.some((symbol) => symbol.getDeclarations()[0] === definition);
  const elsewhere = isExported ? [...others].filter((file) => file !== home).flatMap(identifiersOf) : [];
  return [...here, ...elsewhere].filter((other) => !isNamed(other) && definitionOf(other) === definition);
}

const identifiersOf = (file: SourceFile): readonly Identifier[] =>
  file.getDescendants().filter(Node.isIdentifier);

/** `import { name }`, `export { name }` */
const isNamed = (name: Identifier): boolean => {
  const parent = name.getParent();
  return Node.isImportSpecifier(parent) || Node.isExportSpecifier(parent) || Node.isImportClause(parent);
};

/** The initializer of a `const`, or of a class member or object member that nobody can set again. */
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

import { Node, SyntaxKind, type SourceFile } from 'ts-morph';
import { nodesOfKind } from '../source/nodes.ts';

/** Name of the statements of a file that run when it is imported. */
export const ON_IMPORT = '(on import)';

/** The names that the statements of a module declare or export. */
export const declaredNames = (source: SourceFile): readonly string[] =>
  source.getStatements().flatMap((statement) => namesOfStatement(statement));

/** Members of an object that a file exports as its default: `module.exports = { a() {} }`. */
export const exportedMembers = (source: SourceFile): readonly string[] =>
  nodesOfKind(source, SyntaxKind.ObjectLiteralExpression)
    .filter(isExportedObject)
    .flatMap((object) => object.getProperties())
    .flatMap((member) =>
      Node.isPropertyAssignment(member) || Node.isMethodDeclaration(member) ? [member.getName()] : [],
    );

/** The declarations of a module that a node is part of. */
export function declarationsAround(node: Node): readonly string[] {
  let member: string | null = null;
  for (let at: Node | undefined = node; at !== undefined; at = at.getParent()) {
    const parent: Node | undefined = at.getParent();
    if (
      (Node.isPropertyAssignment(at) || Node.isMethodDeclaration(at)) &&
      parent !== undefined &&
      isExportedObject(parent)
    )
      member = at.getName();
    if (!Node.isSourceFile(parent)) continue;
    if (member !== null) return [member];
    const names = namesOfStatement(at);
    return names.length === 0 ? [ON_IMPORT] : names;
  }
  return [ON_IMPORT];
}

function namesOfStatement(statement: Node): readonly string[] {
  if (Node.isVariableStatement(statement))
    return statement.getDeclarations().flatMap((one) => {
      const name = one.getNameNode();
      if (Node.isIdentifier(name)) return [name.getText()];
      return name.getElements().flatMap((element) => ('getName' in element ? [element.getName()] : []));
    });
  if (Node.isFunctionDeclaration(statement) || Node.isClassDeclaration(statement)) {
    const name = statement.getName() ?? 'default';
    return statement.isDefaultExport() ? ['default', name] : [name];
  }
  if (Node.isExportAssignment(statement)) return ['default'];
  const assigned = assignedExport(statement);
  return assigned === null ? [] : [assigned];
}

/** `exports.a = ...`, `module.exports.a = ...` -> `a`; `module.exports = ...` -> `default`. */
function assignedExport(statement: Node): string | null {
  const expression = Node.isExpressionStatement(statement) ? statement.getExpression() : undefined;
  if (!Node.isBinaryExpression(expression)) return null;
  const left = expression.getLeft().getText();
  if (left === 'module.exports') return 'default';
  return /^(?:module\.)?exports\.(\w+)$/.exec(left)?.[1] ?? null;
}

function isExportedObject(object: Node): boolean {
  if (!Node.isObjectLiteralExpression(object)) return false;
  const holder = object.getParent();
  return (
    Node.isExportAssignment(holder) ||
    (Node.isBinaryExpression(holder) && holder.getLeft().getText() === 'module.exports')
  );
}

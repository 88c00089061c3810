import { Node, SyntaxKind, type Identifier, type ImportDeclaration, type SourceFile } from 'ts-morph';
import { bare, lastName } from '../source/definition.ts';
import type { ImportGraph } from '../source/import-graph.ts';
import { nodesOfKind } from '../source/nodes.ts';
import { declarationsAround, ON_IMPORT } from './declarations.ts';
import type { Access } from './types.ts';
import { accessOf } from './written.ts';

/** A use of a name of another file; `name` is `*` when all of the module may be used. */
export interface ImportedUse {
  readonly file: string;
  readonly name: string;
  /** 1-based. */
  readonly line: number;
  /** Whether the value, or a member of it, is changed here. */
  readonly access: Access;
  /** The declarations around the use. */
  readonly within: readonly string[];
}

interface FoundUse {
  readonly file: string;
  readonly name: string;
  readonly node: Node;
}

/** Files that the imports of a file lead to, by specifier. */
export function targetsOf(graph: ImportGraph): (file: string) => ReadonlyMap<string, string> {
  const byFile = Map.groupBy(graph.edges, ({ file }) => file);
  return (file) =>
    new Map(
      (byFile.get(file) ?? []).flatMap(({ specifier, target, kind }) =>
        target.kind === 'file' && kind !== 'type' ? [[specifier, target.path] as const] : [],
      ),
    );
}

/** Each use of a name that the file imports, with the name that the other file exports. */
export const importedUses = (
  source: SourceFile,
  targets: ReadonlyMap<string, string>,
): readonly ImportedUse[] =>
  foundUses(source, targets).map(({ file, name, node }) => ({
    ...{ file, name },
    line: node.getStartLineNumber(),
    access: accessOf(valueOf(node, name)),
    within: declarationsAround(node),
  }));

/** `name` of `name`, and `lib.name` of `lib`. */
function valueOf(node: Node, name: string): Node {
  const parent = node.getParent();
  return Node.isPropertyAccessExpression(parent) &&
    parent.getExpression() === node &&
    parent.getName() === name
    ? parent
    : node;
}

function foundUses(source: SourceFile, targets: ReadonlyMap<string, string>): readonly FoundUse[] {
  if (targets.size === 0) return [];
  const { names, whole, direct } = bindingsOf(source, targets);
  const uses: FoundUse[] = [...direct];
  if (names.size === 0 && whole.size === 0) return uses;
  for (const node of nodesOfKind(source, SyntaxKind.Identifier)) {
    const text = node.getText();
    const named = names.get(text);
    const file = whole.get(text);
    if ((named === undefined && file === undefined) || !isUse(node)) continue;
    if (named !== undefined) {
      // the members of a default export are known by their own names
      const member = named.name === 'default' ? memberOf(node) : null;
      uses.push({ file: named.file, name: member ?? named.name, node });
    } else if (file !== undefined) uses.push({ file, name: memberOf(node) ?? '*', node });
  }
  return uses;
}

interface Bindings {
  readonly names: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
  /** Local names of whole modules. */
  readonly whole: ReadonlyMap<string, string>;
  /** `require('./x').name`, `import('./x')`, `import './x'`, `export * from './x'`. */
  readonly direct: readonly FoundUse[];
}

function bindingsOf(source: SourceFile, targets: ReadonlyMap<string, string>): Bindings {
  const into = {
    names: new Map<string, { file: string; name: string }>(),
    whole: new Map<string, string>(),
    direct: [] as FoundUse[],
  };
  for (const declaration of source.getImportDeclarations()) {
    const file = targets.get(declaration.getModuleSpecifierValue());
    if (file !== undefined && !declaration.isTypeOnly()) bindImport(declaration, file, into);
  }
  for (const declaration of source.getExportDeclarations()) {
    const file = targets.get(declaration.getModuleSpecifierValue() ?? '');
    if (file === undefined || declaration.isTypeOnly()) continue;
    const named = declaration.getNamedExports();
    for (const one of named) into.direct.push({ file, name: one.getName(), node: one });
    if (named.length === 0) into.direct.push({ file, name: '*', node: declaration });
  }
  for (const call of nodesOfKind(source, SyntaxKind.CallExpression)) {
    const [specifier] = call.getArguments();
    const callee = call.getExpression();
    const isImport = callee.getKind() === SyntaxKind.ImportKeyword || lastName(callee) === 'require';
    if (!isImport || !Node.isStringLiteral(specifier)) continue;
    const file = targets.get(specifier.getLiteralText());
    if (file !== undefined) bindCall(call, file, into);
  }
  return into;
}

interface Binder {
  readonly names: Map<string, { file: string; name: string }>;
  readonly whole: Map<string, string>;
  readonly direct: FoundUse[];
}

function bindImport(declaration: ImportDeclaration, file: string, into: Binder): void {
  const named = declaration.getNamedImports();
  for (const one of named)
    into.names.set((one.getAliasNode() ?? one.getNameNode()).getText(), { file, name: one.getName() });
  const main = declaration.getDefaultImport();
  if (main !== undefined) into.names.set(main.getText(), { file, name: 'default' });
  const space = declaration.getNamespaceImport();
  if (space !== undefined) into.whole.set(space.getText(), file);
  if (named.length === 0 && main === undefined && space === undefined)
    into.direct.push({ file, name: ON_IMPORT, node: declaration });
}

function bindCall(call: Node, file: string, to: Binder): void {
  let outer = call.getParent();
  while (outer !== undefined && bare(outer) !== outer) outer = outer.getParent();
  if (Node.isPropertyAccessExpression(outer)) {
    to.direct.push({ file, name: outer.getName(), node: call });
    return;
  }
  const name = Node.isVariableDeclaration(outer) ? outer.getNameNode() : undefined;
  if (Node.isIdentifier(name)) to.whole.set(name.getText(), file);
  else if (Node.isObjectBindingPattern(name))
    for (const element of name.getElements())
      to.names.set(element.getName(), {
        file,
        name: (element.getPropertyNameNode() ?? element.getNameNode()).getText(),
      });
  else to.direct.push({ file, name: Node.isExpressionStatement(outer) ? ON_IMPORT : '*', node: call });
}

/** The member that a use names; `null` when the module itself is passed on or called. */
function memberOf(node: Identifier): string | null {
  const parent = node.getParent();
  return Node.isPropertyAccessExpression(parent) && parent.getExpression() === node ? parent.getName() : null;
}

/** Neither a declaration, nor the name of a member. */
export function isUse(node: Identifier): boolean {
  const parent = node.getParent();
  if (Node.isPropertyAccessExpression(parent)) return parent.getNameNode() !== node;
  if (Node.isPropertyAssignment(parent) || Node.isBindingElement(parent))
    return parent.getInitializer() === node;
  return !(
    Node.isImportSpecifier(parent) ||
    Node.isImportClause(parent) ||
    Node.isNamespaceImport(parent) ||
    Node.isMethodDeclaration(parent) ||
    (Node.isVariableDeclaration(parent) && parent.getNameNode() === node) ||
    (Node.isParameterDeclaration(parent) && parent.getNameNode() === node) ||
    Node.isTypeReference(parent)
  );
}

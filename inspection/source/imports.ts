import {
  Node,
  type SourceFile,
  SyntaxKind,
  type StringLiteral,
  type NoSubstitutionTemplateLiteral,
  type ts,
} from 'ts-morph';
import { lastName } from './definition.ts';
import { nodesOf, nodesOfKind } from './nodes.ts';

/** How a module imports another. `type` has no effect at run time; `named` is a text by which a package loads another. */
export type ImportKind = 'import' | 'export' | 'type' | 'dynamic' | 'require' | 'named';

type Literal = StringLiteral | NoSubstitutionTemplateLiteral;

export interface ImportUse {
  readonly kind: ImportKind;
  readonly specifier: string;
  /** What loads the package, when `kind` is `named`. */
  readonly loader?: string;
  /** 1-based. */
  readonly line: number;
  /** Offsets of the specifier's text between its quotes. */
  readonly start: number;
  readonly end: number;
}

export interface ComputedImport {
  readonly line: number;
  /** Source text of the import. */
  readonly text: string;
}

/** Every import of a file in any form, in order, and the imports whose target is computed at run time. */
export function importsOf(source: SourceFile): {
  readonly uses: readonly ImportUse[];
  readonly computed: readonly ComputedImport[];
} {
  const uses: ImportUse[] = referencesOf(source);
  const computed: ComputedImport[] = [];
  const requires = requireNames(source);
  for (const node of nodesOf(source)) {
    const found = namedByStatement(node) ?? namedByCall(node, requires);
    if (found === null) continue;
    const target = found.target === undefined ? undefined : withoutWrappers(found.target);
    if (Node.isStringLiteral(target) || Node.isNoSubstitutionTemplateLiteral(target))
      uses.push(useOf(found.kind, target));
    else computed.push({ line: node.getStartLineNumber(), text: oneLine(node.getText()) });
  }
  return { uses, computed };
}

/** A module that a node names; `target` is a literal unless the module is computed. */
interface Named {
  readonly kind: ImportKind;
  readonly target: Node | undefined;
}

const useOf = (kind: ImportKind, literal: Literal): ImportUse => ({
  kind,
  specifier: literal.getLiteralText(),
  line: literal.getStartLineNumber(),
  start: literal.getStart() + 1,
  end: literal.getEnd() - 1,
});

/** `/// <reference path="x" />` and `/// <reference types="x" />`. */
function referencesOf(source: SourceFile): ImportUse[] {
  const { referencedFiles, typeReferenceDirectives } = source.compilerNode;
  const use = (specifier: string, { pos, end }: ts.FileReference): ImportUse => {
    const { line } = source.getLineAndColumnAtPos(pos);
    return { kind: 'type', specifier, line, start: pos, end };
  };
  return [
    ...referencedFiles.map((one) =>
      use(/^[./]/.test(one.fileName) ? one.fileName : `./${one.fileName}`, one),
    ),
    ...typeReferenceDirectives.map((one) => use(one.fileName, one)),
  ];
}

/** Imports, re-exports, `import('x')` in a type, and `declare module './x'`, which adds to what x exports. */
function namedByStatement(node: Node): Named | null {
  if (Node.isImportDeclaration(node))
    return { kind: node.isTypeOnly() ? 'type' : 'import', target: node.getModuleSpecifier() };
  if (Node.isExportDeclaration(node)) {
    const target = node.getModuleSpecifier();
    return target === undefined ? null : { kind: node.isTypeOnly() ? 'type' : 'export', target };
  }
  if (Node.isImportTypeNode(node)) {
    const argument = node.getArgument();
    const target = Node.isLiteralTypeNode(argument) ? argument.getLiteral() : undefined;
    return Node.isStringLiteral(target) ? { kind: 'type', target } : null;
  }
  if (!Node.isModuleDeclaration(node)) return null;
  const name = node.getNameNode();
  return Node.isStringLiteral(name) && /^[.#]/.test(name.getLiteralText())
    ? { kind: 'type', target: name }
    : null;
}

/** `import('x')`, `require('x')` and `import x = require('x')`. */
function namedByCall(node: Node, requires: RequireNames): Named | null {
  if (Node.isImportEqualsDeclaration(node)) {
    const reference = node.getModuleReference();
    return Node.isExternalModuleReference(reference)
      ? { kind: 'require', target: reference.getExpression() }
      : null;
  }
  if (!Node.isCallExpression(node)) return null;
  const callee = node.getExpression();
  const [target] = node.getArguments();
  if (callee.getKind() === SyntaxKind.ImportKeyword) return { kind: 'dynamic', target };
  return isRequire(callee, requires) ? { kind: 'require', target } : null;
}

/** Local names of `createRequire`, and of `require` functions: `require`, results of `createRequire(...)`, aliases. */
interface RequireNames {
  readonly makers: ReadonlySet<string>;
  readonly requires: ReadonlySet<string>;
}

function requireNames(source: SourceFile): RequireNames {
  const makers = new Set(['createRequire']);
  for (const named of source.getImportDeclarations().flatMap((one) => one.getNamedImports()))
    if (named.getName() === 'createRequire')
      makers.add((named.getAliasNode() ?? named.getNameNode()).getText());
  const requires = new Set(['require']);
  for (const declaration of nodesOfKind(source, SyntaxKind.VariableDeclaration)) {
    const initializer = declaration.getInitializer();
    if (initializer === undefined) continue;
    const value = withoutWrappers(initializer);
    if (isMade(value, makers) || (Node.isIdentifier(value) && requires.has(value.getText())))
      requires.add(declaration.getName());
  }
  return { makers, requires };
}

/** `createRequire(here)`, `module.createRequire(here)`. */
function isMade(node: Node, makers: ReadonlySet<string>): boolean {
  return Node.isCallExpression(node) && makers.has(lastName(node.getExpression()));
}

/** `require(x)`, `createRequire(here)(x)`, `require.resolve(x)`, `createRequire(here).resolve(x)`, `module.require(x)`, `import.meta.resolve(x)`. */
function isRequire(callee: Node, { makers, requires }: RequireNames): boolean {
  if (Node.isIdentifier(callee)) return requires.has(callee.getText());
  if (Node.isCallExpression(callee)) return isMade(callee, makers);
  if (!Node.isPropertyAccessExpression(callee)) return false;
  const object = callee.getExpression().getText();
  const name = callee.getName();
  if (name === 'resolve')
    return requires.has(object) || object === 'import.meta' || isMade(callee.getExpression(), makers);
  return name === 'require' && object === 'module';
}

/** `('x' as string)`, `('x')`, `'x' satisfies string`: the literal inside. */
function withoutWrappers(node: Node): Node {
  if (Node.isParenthesizedExpression(node) || Node.isAsExpression(node) || Node.isSatisfiesExpression(node))
    return withoutWrappers(node.getExpression());
  return node;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 80);

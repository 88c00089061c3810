import {
  Node,
  type SourceFile,
  SyntaxKind,
  type StringLiteral,
  type NoSubstitutionTemplateLiteral,
} from 'ts-morph';
import { lastName } from './definition.ts';

/** How a module names another. `type` leaves no trace at run time. */
export type ImportKind = 'import' | 'export' | 'type' | 'dynamic' | 'require';

type Literal = StringLiteral | NoSubstitutionTemplateLiteral;

export interface ImportUse {
  readonly kind: ImportKind;
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
  /** Offsets of the specifier's text between its quotes. */
  readonly start: number;
  readonly end: number;
}

export interface ComputedImport {
  readonly line: number;
  /** As it stands in the code. */
  readonly text: string;
}

/** Every import of a file, whatever its form, in order; and those whose target only a run would know. */
export function importsOf(source: SourceFile): {
  readonly uses: readonly ImportUse[];
  readonly computed: readonly ComputedImport[];
} {
  const uses: ImportUse[] = [];
  const computed: ComputedImport[] = [];
  const add = (kind: ImportKind, literal: Literal): void => {
    const specifier = literal.getLiteralText();
    uses.push({
      kind,
      specifier,
      line: literal.getStartLineNumber(),
      start: literal.getStart() + 1,
      end: literal.getEnd() - 1,
    });
  };
  const addCall = (kind: ImportKind, node: Node, argument: Node | undefined): void => {
    const target = argument === undefined ? undefined : withoutWrappers(argument);
    if (Node.isStringLiteral(target) || Node.isNoSubstitutionTemplateLiteral(target)) add(kind, target);
    else computed.push({ line: node.getStartLineNumber(), text: oneLine(node.getText()) });
  };
  for (const { fileName, pos, end } of source.compilerNode.referencedFiles) {
    const { line } = source.getLineAndColumnAtPos(pos);
    const specifier = /^[./]/.test(fileName) ? fileName : `./${fileName}`;
    uses.push({ kind: 'type', specifier, line, start: pos, end });
  }
  for (const { fileName, pos, end } of source.compilerNode.typeReferenceDirectives) {
    const { line } = source.getLineAndColumnAtPos(pos);
    uses.push({ kind: 'type', specifier: fileName, line, start: pos, end });
  }
  const requires = requireNames(source);
  source.forEachDescendant((node) => {
    if (Node.isImportDeclaration(node)) add(node.isTypeOnly() ? 'type' : 'import', node.getModuleSpecifier());
    else if (Node.isExportDeclaration(node)) {
      const literal = node.getModuleSpecifier();
      if (literal !== undefined) add(node.isTypeOnly() ? 'type' : 'export', literal);
    } else if (Node.isImportTypeNode(node)) {
      const argument = node.getArgument();
      const literal = Node.isLiteralTypeNode(argument) ? argument.getLiteral() : undefined;
      if (Node.isStringLiteral(literal)) add('type', literal);
    } else if (Node.isImportEqualsDeclaration(node)) {
      const reference = node.getModuleReference();
      if (Node.isExternalModuleReference(reference)) addCall('require', node, reference.getExpression());
    } else if (Node.isModuleDeclaration(node)) {
      // `declare module './x'` adds to what x exports
      const name = node.getNameNode();
      if (Node.isStringLiteral(name) && /^[.#]/.test(name.getLiteralText())) add('type', name);
    } else if (Node.isCallExpression(node)) {
      const callee = node.getExpression();
      if (callee.getKind() === SyntaxKind.ImportKeyword) addCall('dynamic', node, node.getArguments()[0]);
      else if (isRequire(callee, requires)) addCall('require', node, node.getArguments()[0]);
    }
  });
  return { uses, computed };
}

/** What makes a `require`, and what is one: `require` itself, what `createRequire(...)` was assigned to, and their other names. */
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
  for (const declaration of source.getDescendantsOfKind(SyntaxKind.VariableDeclaration)) {
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

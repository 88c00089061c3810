import {
  Node,
  type CallExpression,
  type ElementAccessExpression,
  type PropertyAccessExpression,
  type SourceFile,
  SyntaxKind,
} from 'ts-morph';
import { ownerOfVariable, ownVariable } from '../../contracts/reserved-variables.ts';
import type { Finding } from '../../contracts/plan.ts';
import { bare, constantOf, definitionOf, lastName, usesOf } from '../source/definition.ts';
import { knownText } from '../source/evaluate.ts';
import { backendError } from '../findings.ts';
import type { CodeCheck } from './context.ts';
import { nodesOf } from '../source/nodes.ts';

/** Set by the service's Dockerfile. */
const ALWAYS_THERE = new Set(['NODE_ENV']);

/** A read of a variable; `name` is `null` when it is computed at run time. */
export interface KeyUse {
  readonly name: string | null;
  readonly node: Node;
}

/** Finds environment variables that running code reads and the manifest does not declare. */
export const checkEnvironment: CodeCheck = ({ graph, running, manifest }) => {
  const declared = new Set(manifest.env.map(({ name }) => name));
  const files = new Map(
    [...graph.sources].filter(([file]) => running.has(file)).map(([file, s]) => [s, file]),
  );
  const sources = [...files.keys()];
  return sources
    .flatMap((source) => environmentsIn(source).flatMap((bag) => keysReadFrom(bag, sources)))
    .filter(({ name }) => name === null || !(declared.has(name) || ALWAYS_THERE.has(name)))
    .map((use) => {
      const file = files.get(use.node.getSourceFile()) ?? '';
      const owner = use.name === null ? null : ownerOfVariable(use.name);
      if (use.name === null || owner === null)
        return undeclared(file, use, 'code-undeclared-env', 'process.env');
      return backendError({
        code: 'code-undeclared-env',
        file,
        line: use.node.getStartLineNumber(),
        message: `process.env.${use.name} is a variable of ${owner}, which no tool can declare.`,
        remedy: `Read a variable of the tool's own, and declare it in manifest.json under /env: { "name": "${ownVariable(manifest.id, use.name)}" }.`,
      });
    });
};

export function undeclared(file: string, { name, node }: KeyUse, code: string, holder: string): Finding {
  const line = node.getStartLineNumber();
  if (name === null)
    return backendError({
      code,
      file,
      line,
      message: `The name of the variable read from ${holder} is computed at run time, so it cannot be checked.`,
      remedy: 'Read each variable by its literal name, and declare it in manifest.json under /env.',
    });
  return backendError({
    code,
    file,
    line,
    message: `${holder}.${name} is not declared in the manifest, so it would be undefined in the service.`,
    remedy: `Declare it in manifest.json under /env: { "name": "${name}" }.`,
  });
}

/** `process.env`, `process['env']`, `globalThis.process.env`, and `env` from `node:process`. */
export function environmentsIn(source: SourceFile): readonly Node[] {
  const processNames = new Set(['process']);
  const envNames = new Set<string>();
  for (const declaration of source.getImportDeclarations()) {
    if (!/^(node:)?process$/.test(declaration.getModuleSpecifierValue())) continue;
    const whole = declaration.getDefaultImport() ?? declaration.getNamespaceImport();
    if (whole !== undefined) processNames.add(whole.getText());
    for (const named of declaration.getNamedImports())
      if (named.getName() === 'env') envNames.add((named.getAliasNode() ?? named.getNameNode()).getText());
  }
  return nodesOf(source).filter((node) => {
    if (memberName(node) === 'env')
      return isProcess(
        (node as PropertyAccessExpression | ElementAccessExpression).getExpression(),
        processNames,
      );
    if (
      Node.isBindingElement(node) &&
      (node.getPropertyNameNode() ?? node.getNameNode()).getText() === 'env'
    ) {
      const from = node.getFirstAncestorByKind(SyntaxKind.VariableDeclaration)?.getInitializer();
      return from !== undefined && isProcess(from, processNames);
    }
    const parent = node.getParent();
    return (
      Node.isIdentifier(node) &&
      envNames.has(node.getText()) &&
      !Node.isImportSpecifier(parent) &&
      !isMemberName(node)
    );
  });
}

/** `process` under any of its names: imported, global, required, or assigned to a constant. */
function isProcess(expression: Node, names: ReadonlySet<string>): boolean {
  const node = bare(expression);
  if (memberName(node) === 'process') return /^global(This)?\b/.test(node.getText());
  if (Node.isCallExpression(node)) {
    const [name] = node.getArguments();
    const loads = /^(require|getBuiltinModule)$/.test(lastName(node.getExpression())) || isRequired(node);
    return loads && name !== undefined && /^(node:)?process$/.test(knownText(name) ?? '');
  }
  if (!Node.isIdentifier(node)) return false;
  if (names.has(node.getText()) && !isLocal(node)) return true;
  const value = constantOf(node);
  return value !== undefined && isProcess(value, names);
}

/** `load('x')` with `const load = createRequire(...)`. */
function isRequired(call: CallExpression): boolean {
  const value = constantOf(bare(call.getExpression()));
  return Node.isCallExpression(value) && /createRequire$/.test(value.getExpression().getText());
}

/** `a.b` and `a['b']` -> `b` */
function memberName(node: Node): string | null {
  if (Node.isPropertyAccessExpression(node)) return node.getName();
  if (!Node.isElementAccessExpression(node)) return null;
  const key = node.getArgumentExpression();
  return key === undefined ? null : knownText(key);
}

/** Whether the name is declared in the file, and is not Node's global. */
function isLocal(object: Node): boolean {
  const definition = Node.isIdentifier(object) ? definitionOf(object) : undefined;
  return (
    Node.isVariableDeclaration(definition) ||
    Node.isParameterDeclaration(definition) ||
    Node.isBindingElement(definition)
  );
}

const isMemberName = (node: Node): boolean => {
  const parent = node.getParent();
  return (
    (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === node) ||
    (Node.isPropertyAssignment(parent) && parent.getNameNode() === node)
  );
};

/** Keys read from an object of variables: `bag.X`, `bag['X']`, `const { X } = bag`, `'X' in bag`, or all of them. */
export function keysReadFrom(bag: Node, others: readonly SourceFile[] = []): readonly KeyUse[] {
  if (Node.isBindingElement(bag)) return keysOfName(bag.getNameNode(), others);
  const parent = bag.getParent();
  if (Node.isPropertyAccessExpression(parent) && parent.getExpression() === bag)
    return [{ name: parent.getName(), node: bag }];
  if (Node.isElementAccessExpression(parent) && parent.getExpression() === bag) {
    const key = parent.getArgumentExpression();
    return [{ name: key === undefined ? null : knownText(key), node: bag }];
  }
  if (Node.isBinaryExpression(parent) && parent.getOperatorToken().getKind() === SyntaxKind.InKeyword)
    return [{ name: knownText(parent.getLeft()), node: bag }];
  if (Node.isVariableDeclaration(parent) && parent.getInitializer() === bag)
    return keysOfName(parent.getNameNode(), others);
  if (
    Node.isAsExpression(parent) ||
    Node.isParenthesizedExpression(parent) ||
    Node.isNonNullExpression(parent)
  )
    return keysReadFrom(parent, others);
  return [{ name: null, node: bag }];
}

/** `{ X, Y: y }` names keys; an identifier is followed through the file and, when exported, through `others`. */
export function keysOfName(name: Node, others: readonly SourceFile[] = []): readonly KeyUse[] {
  if (Node.isObjectBindingPattern(name))
    return name.getElements().map((element) => ({
      name: element.getDotDotDotToken() ? null : keyOf(element),
      node: element,
    }));
  if (!Node.isIdentifier(name)) return [{ name: null, node: name }];
  return usesOf(name, others)
    .filter((use) => !isMemberName(use))
    .flatMap((use) => keysReadFrom(use, others));
}

function keyOf(element: Node): string | null {
  if (!Node.isBindingElement(element)) return null;
  const key = element.getPropertyNameNode() ?? element.getNameNode();
  if (Node.isComputedPropertyName(key)) return knownText(key.getExpression());
  return Node.isStringLiteral(key) ? key.getLiteralText() : key.getText();
}

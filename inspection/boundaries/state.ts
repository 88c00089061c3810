import { Node, SyntaxKind, VariableDeclarationKind, type SourceFile } from 'ts-morph';
import { bare, definitionOf } from '../source/definition.ts';
import { nodesOfKind } from '../source/nodes.ts';
import { isUse, type ImportedUse } from './bindings.ts';
import type { Access, Place } from './types.ts';
import { accessOf } from './written.ts';

/** A use of state that lives in the process: a property of `global` or `app.locals`, or a variable of a module. */
export interface StateUse extends Place {
  /** `global.x`, `app.locals.x`, or `file#variable`. */
  readonly name: string;
  /** The file that declares the variable; `null` for global state. */
  readonly definedIn: string | null;
  readonly access: Access;
}

/** The variables of one file that other files can reach. */
export interface FileState {
  /** Uses of global state. */
  readonly global: readonly StateUse[];
  /** Variables whose value can change, by each name that exports them. */
  readonly exported: ReadonlyMap<string, string>;
  /** Variables that the file itself changes. */
  readonly changed: ReadonlySet<string>;
}

const GLOBAL = /^(global|globalThis)$/;
const APP = /^(app|req\.app|request\.app|res\.app)\.locals$/;
/** Properties that belong to the language and to Node. */
const BUILT_IN = new Set(Object.getOwnPropertyNames(globalThis));

export function readFileState(file: string, source: SourceFile): FileState {
  const own = variablesOf(source);
  const changed = new Set<string>();
  if (own.size > 0)
    for (const node of nodesOfKind(source, SyntaxKind.Identifier)) {
      const declaration = own.get(node.getText());
      if (declaration === undefined || !isUse(node) || accessOf(node) === 'read') continue;
      if (definitionOf(node) === declaration) changed.add(node.getText());
    }
  return { global: globalState(file, source), exported: exportedOf(source, own), changed };
}

function globalState(file: string, source: SourceFile): readonly StateUse[] {
  return nodesOfKind(source, SyntaxKind.PropertyAccessExpression).flatMap((node) => {
    const holder = node.getExpression().getText();
    const isGlobal = GLOBAL.test(holder) && !BUILT_IN.has(node.getName());
    if (!isGlobal && !APP.test(holder)) return [];
    const name = `${isGlobal ? 'global' : 'app.locals'}.${node.getName()}`;
    return [{ name, file, definedIn: null, access: accessOf(node), line: node.getStartLineNumber() }];
  });
}

/** Uses of variables of other files that any file changes. */
export function variableState(
  states: ReadonlyMap<string, FileState>,
  uses: ReadonlyMap<string, readonly ImportedUse[]>,
): readonly StateUse[] {
  const outside = [...uses].flatMap(([file, list]) =>
    list.flatMap((use) => {
      const variable = states.get(use.file)?.exported.get(use.name);
      if (variable === undefined) return [];
      const name = `${use.file}#${variable}`;
      return [{ name, file, variable, definedIn: use.file, access: use.access, line: use.line }];
    }),
  );
  const changed = new Set(outside.filter(({ access }) => access === 'write').map(({ name }) => name));
  return outside
    .filter(
      ({ name, variable, definedIn }) =>
        changed.has(name) || states.get(definedIn)?.changed.has(variable) === true,
    )
    .map(({ name, file, definedIn, access, line }) => ({ name, file, definedIn, access, line }));
}

/** Variables of the file that hold a value that can change: `let`, or an object, list, map or set. */
function variablesOf(source: SourceFile): ReadonlyMap<string, Node> {
  return new Map(
    source.getVariableDeclarations().flatMap((declaration) => {
      const value = declaration.getInitializer();
      const isLet =
        declaration.getVariableStatement()?.getDeclarationKind() !== VariableDeclarationKind.Const;
      const canChange = isLet || (value !== undefined && isContainer(bare(value)));
      return canChange ? [[declaration.getName(), declaration] as const] : [];
    }),
  );
}

const isContainer = (value: Node): boolean =>
  Node.isObjectLiteralExpression(value) ||
  Node.isArrayLiteralExpression(value) ||
  (Node.isNewExpression(value) &&
    /^(Map|Set|WeakMap|WeakSet|Array|Object)$/.test(value.getExpression().getText()));

function exportedOf(source: SourceFile, own: ReadonlyMap<string, Node>): ReadonlyMap<string, string> {
  if (own.size === 0) return new Map();
  const text = source.getText();
  const main = source.getExportAssignment((one) => !one.isExportEquals())?.getExpression();
  const named = [...own.keys()].filter((name) => isExported(source, text, name));
  return new Map([
    ...named.map((name) => [name, name] as const),
    ...(Node.isIdentifier(main) && own.has(main.getText()) ? [['default', main.getText()] as const] : []),
  ]);
}

function isExported(source: SourceFile, text: string, name: string): boolean {
  const declaration = source.getVariableDeclaration(name);
  if (declaration?.isExported() === true) return true;
  const escaped = name.replaceAll('$', '\\$');
  return new RegExp(
    `\\bexport\\s*\\{[^}]*\\b${escaped}\\b|\\bexports\\.${escaped}\\s*=|\\bmodule\\.exports\\s*=\\s*\\{[^}]*\\b${escaped}\\b`,
  ).test(text);
}

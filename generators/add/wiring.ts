import {
  Project,
  SyntaxKind,
  type ArrayLiteralExpression,
  type Expression,
  type FunctionDeclaration,
  type SourceFile,
} from 'ts-morph';
import { PlatformError } from '../../contracts/errors.ts';

/** The error for a missing anchor; nothing has been written. */
function missing(file: string, anchor: string): PlatformError {
  return new PlatformError(
    'target-exists',
    `${file}: ${anchor} was not found, so nothing was added. Restore it, update the tool with scaffold:update, or add the part by hand.`,
  );
}

/** Parses the file instead of matching text, because the user may have edited and reformatted it. */
function parse(text: string): SourceFile {
  return new Project({ useInMemoryFileSystem: true }).createSourceFile('file.ts', text);
}

/**
 * Mounts `<name>Routes(context)` in the `backend/index.ts` of a tool. @throws PlatformError when the router is
 * not found
 */
export function mountRoutes(text: string, input: { file: string; routes: string; from: string }): string {
  const { file, routes, from } = input;
  const source = parse(text);
  const host = source.getFunctions().find((f) => f.isDefaultExport());
  if (host === undefined) throw missing(file, 'the default export function createRouter(context)');
  const context = host.getParameters()[0]?.getName() ?? 'context';
  const result = host.getStatements().find((s) => s.isKind(SyntaxKind.ReturnStatement));
  if (result === undefined) throw missing(file, 'a return statement in createRouter');
  const returned = result.getExpression();
  if (returned?.isKind(SyntaxKind.CallExpression)) {
    // `return xRoutes(context)`: wraps a single router in a new one
    const first = returned.getText();
    const at = returnIndex(host);
    result.remove();
    host.insertStatements(at, [
      'const router = Router();',
      `router.use(${first});`,
      `router.use(${routes}(${context}));`,
      'return router;',
    ]);
    importNames(source, 'express', ['Router']);
  } else if (returned?.isKind(SyntaxKind.Identifier))
    host.insertStatements(returnIndex(host), `${returned.getText()}.use(${routes}(${context}));`);
  else throw missing(file, 'the router that createRouter returns');
  importNames(source, from, [routes]);
  return source.getFullText();
}

const returnIndex = (host: FunctionDeclaration): number =>
  host.getStatementsWithComments().findIndex((s) => s.isKind(SyntaxKind.ReturnStatement));

/** Adds routes (and providers) to `frontend/tool.routes.ts`. @throws PlatformError when the routes are not found */
export function addRoutes(
  text: string,
  input: { file: string; routes: readonly string[]; provider?: { name: string; from: string } },
): string {
  const { file, routes, provider } = input;
  const source = parse(text);
  const table = source
    .getVariableDeclaration('toolRoutes')
    ?.getInitializerIfKind(SyntaxKind.ArrayLiteralExpression);
  const first = table?.getElements()[0]?.asKind(SyntaxKind.ObjectLiteralExpression);
  const children = first
    ?.getProperty('children')
    ?.asKind(SyntaxKind.PropertyAssignment)
    ?.getInitializerIfKind(SyntaxKind.ArrayLiteralExpression);
  if (children === undefined) throw missing(file, 'toolRoutes[0].children');
  const paths = children.getElements().map(pathOf);
  const taken = routes
    .map((route) => /path: '([^']*)'/.exec(route)?.[1])
    .find((path) => paths.includes(path));
  if (taken !== undefined)
    throw new PlatformError(
      'target-exists',
      `${file}: route '${taken}' already exists, so a second one would be unreachable. Choose another name.`,
    );
  // Routes after a wildcard are unreachable
  const wildcard = paths.indexOf('**');
  children.insertElements(wildcard === -1 ? paths.length : wildcard, [...routes]);
  if (provider !== undefined) {
    const providers = first
      ?.getProperty('providers')
      ?.asKind(SyntaxKind.PropertyAssignment)
      ?.getInitializerIfKind(SyntaxKind.ArrayLiteralExpression);
    if (providers === undefined) throw missing(file, 'toolRoutes[0].providers');
    providers.addElement(provider.name);
    importNames(source, provider.from, [provider.name]);
  }
  return source.getFullText();
}

/** A lazy route of `frontend/tool.routes.ts`. */
export function lazyRoute(path: string, file: string, component: string): string {
  return `{ path: '${path}', loadComponent: () => import('./components/${file}').then((m) => m.${component}) }`;
}

/** The path of a route; `undefined` unless it is a string literal. */
function pathOf(route: Expression): string | undefined {
  return route
    .asKind(SyntaxKind.ObjectLiteralExpression)
    ?.getProperty('path')
    ?.asKind(SyntaxKind.PropertyAssignment)
    ?.getInitializerIfKind(SyntaxKind.StringLiteral)
    ?.getLiteralValue();
}

/** Adds an entry to the navigation in `tool-sections.component.ts`. @throws PlatformError when it is not found */
export function addSection(text: string, input: { file: string; path: string; title: string }): string {
  const source = parse(text);
  const sections = sectionsOf(source);
  if (sections === undefined) throw missing(input.file, 'the list ToolSectionsComponent.sections');
  sections.addElement(`{ path: '${input.path}', title: '${input.title}' }`);
  return source.getFullText();
}

function sectionsOf(source: SourceFile): ArrayLiteralExpression | undefined {
  const property = source.getClass('ToolSectionsComponent')?.getProperty('sections');
  return property?.getInitializerIfKind(SyntaxKind.ArrayLiteralExpression);
}

/** @throws PlatformError unless the file exports every one of `names` */
export function assertExports(text: string, file: string, names: readonly string[]): void {
  const exported = parse(text).getExportedDeclarations();
  const absent = names.filter((name) => !exported.has(name));
  if (absent.length > 0) throw missing(file, `its export ${absent.join(', ')}`);
}

function importNames(source: SourceFile, from: string, names: readonly string[]): void {
  const present = source
    .getImportDeclarations()
    .find((d) => d.getModuleSpecifierValue() === from && !d.isTypeOnly());
  if (present !== undefined) {
    const known = new Set(present.getNamedImports().map((n) => n.getName()));
    const typed = present.getNamedImports().filter((n) => n.isTypeOnly() && names.includes(n.getName()));
    for (const name of typed) name.setIsTypeOnly(false);
    present.addNamedImports(names.filter((name) => !known.has(name)));
    return;
  }
  const typeOnly = source.getImportDeclarations().find((d) => d.getModuleSpecifierValue() === from);
  const wanted = typeOnly?.getNamedImports().filter((n) => names.includes(n.getName())) ?? [];
  for (const name of wanted) name.remove();
  if (typeOnly !== undefined && typeOnly.getNamedImports().length === 0) typeOnly.remove();
  const own = source.getImportDeclarations();
  const at = from.startsWith('.') ? own.length : 0;
  source.insertImportDeclaration(at, { moduleSpecifier: from, namedImports: [...names] });
}

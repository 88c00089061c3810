import {
  Node,
  SyntaxKind,
  type CallExpression,
  type NewExpression,
  type ObjectLiteralElementLike,
  type SourceFile,
} from 'ts-morph';
import { bare, lastName } from '../source/definition.ts';
import { knownText } from '../source/evaluate.ts';
import { evaluatePath } from '../source/paths.ts';
import { PATH_METHODS, PATH_RECEIVERS, type PathReceiver } from './path-receivers.ts';
import { nodesOfKind } from '../source/nodes.ts';

/** An argument that is a path in the file system. */
export interface Place {
  readonly argument: Node;
  /** Whether the path, when relative, depends on the working directory. */
  readonly cwd: (path: string) => boolean;
  /** Whether something is created, changed or removed there. */
  readonly writes: boolean;
}

const always = (): boolean => true;
const never = (): boolean => false;
/** A program name without a slash is searched for in PATH. */
const withSlash = (path: string): boolean => path.includes('/');
/** Names of databases in memory are no paths. */
const isFile = (path: string): boolean => path !== '' && !path.startsWith(':');

const FILE_SYSTEM = /^((node:)?fs(\/promises)?|fs-extra|graceful-fs)$/;
const TWO_PATHS = /^(rename|copyFile|cp|copy|move|link|symlink)(Sync)?$/;
const WRITES_FIRST =
  /^(writeFile|appendFile|createWriteStream|mkdir|mkdtemp|rm|rmdir|unlink|rename|move|truncate|chmod|chown|utimes|write(Json|JSON)|output(File|Json|JSON)|ensure(Dir|File)|emptyDir|mkdirs|mkdirp|remove)(Sync)?$/;
const OPENS = /^open(Sync)?$/;

/** Local names of the modules whose functions receive paths. */
interface Names {
  readonly fileSystem: ReadonlySet<string>;
  readonly programs: ReadonlySet<string>;
  readonly threads: ReadonlySet<string>;
  readonly express: ReadonlySet<string>;
  readonly receivers: readonly (PathReceiver & { readonly names: ReadonlySet<string> })[];
  readonly methods: readonly PathReceiver[];
}

/**
 * Finds the paths that a call receives, by the names that the file imports.
 * @param packages packages that the tool imports in any file
 */
export function placesOf(source: SourceFile, packages: readonly string[]): (node: Node) => readonly Place[] {
  const names: Names = {
    fileSystem: namesFrom(source, FILE_SYSTEM),
    programs: namesFrom(source, /^(node:)?child_process$/),
    threads: namesFrom(source, /^(node:)?worker_threads$/),
    express: namesFrom(source, /^express$/),
    receivers: PATH_RECEIVERS.map((row) => ({ ...row, names: namesFrom(source, row.module) })).filter(
      (row) => row.names.size > 0,
    ),
    methods: PATH_METHODS.filter(({ module }) => packages.some((name) => module.test(name))),
  };
  return (node) => {
    if (Node.isNewExpression(node)) return [...placesOfNew(node, names), ...placesOfPackages(node, names)];
    if (!Node.isCallExpression(node)) return [];
    return [...placesOfCall(node, names), ...placesOfPackages(node, names)];
  };
}

function placesOfNew(node: NewExpression, { threads }: Names): readonly Place[] {
  const [first, base] = node.getArguments();
  if (first === undefined) return [];
  if (threads.has(rootOf(node.getExpression()))) return [{ argument: first, cwd: always, writes: false }];
  const isAddress =
    lastName(node.getExpression()) === 'URL' &&
    base === undefined &&
    evaluatePath(first)?.path.startsWith('/') === true;
  return isAddress ? [{ argument: first, cwd: never, writes: false }] : [];
}

function placesOfCall(call: CallExpression, { fileSystem, programs, express }: Names): readonly Place[] {
  const [first, second] = call.getArguments();
  if (first === undefined) return [];
  const root = rootOf(call.getExpression());
  const name = lastName(call.getExpression());
  if (fileSystem.has(root)) return placesOfFileSystem(name, first, second);
  if (programs.has(root)) return [programOf(name, first), ...workingFolder(call)];
  const reads =
    root === 'process' ? /^(chdir|loadEnvFile)$/.test(name) : express.has(root) && name === 'static';
  if (reads) return [{ argument: first, cwd: always, writes: false }];
  return isAnswer(root, name) ? [{ argument: first, cwd: never, writes: false }] : [];
}

function placesOfFileSystem(name: string, first: Node, second: Node | undefined): readonly Place[] {
  const writes = WRITES_FIRST.test(name) || (OPENS.test(name) && opensToWrite(second));
  const place = { argument: first, cwd: always, writes };
  return second !== undefined && TWO_PATHS.test(name)
    ? [place, { argument: second, cwd: always, writes: true }]
    : [place];
}

const opensToWrite = (flags: Node | undefined): boolean =>
  flags !== undefined && /[wa+]/.test(knownText(flags) ?? '');

/** Paths that functions of packages receive, by the tables of `path-receivers.ts`. */
function placesOfPackages(
  call: CallExpression | NewExpression,
  { receivers, methods, fileSystem }: Names,
): readonly Place[] {
  const callee = call.getExpression();
  const root = rootOf(callee);
  if (fileSystem.has(root)) return [];
  const name = lastName(callee);
  const rows = [
    ...receivers.filter((row) => row.names.has(root)),
    ...(Node.isPropertyAccessExpression(callee) ? methods : []),
  ].filter((row) => row.name === undefined || row.name.test(name));
  const args = call.getArguments();
  // `app.set(name, value)` holds a path for one name only
  if (name === 'set' && (args[0] === undefined || knownText(args[0]) !== 'views')) return [];
  return rows.flatMap(({ argument, options, writes }) => {
    const positional = argument === undefined ? undefined : args[argument];
    const found = [
      ...(positional === undefined || Node.isObjectLiteralExpression(bare(positional)) ? [] : [positional]),
      ...(options === undefined ? [] : args.flatMap((one) => optionsOf(one, options))),
    ];
    return found.map((node) => ({ argument: node, cwd: isFile, writes }));
  });
}

/** Values of the options with these names, at any depth. */
function optionsOf(argument: Node, names: RegExp): readonly Node[] {
  return [argument, ...argument.getDescendants()]
    .filter(Node.isObjectLiteralExpression)
    .flatMap((object) =>
      object.getProperties().filter((property) => {
        if (Node.isSpreadAssignment(property) || !names.test(property.getName())) return false;
        // A file name is relative to the folder beside it
        return property.getName() !== 'filename' || object.getProperty('dirname') === undefined;
      }),
    )
    .flatMap(valuesOf);
}

/** The value of an option; of a function, the values that it passes to its callback: `done(null, 'uploads/')`. */
function valuesOf(property: ObjectLiteralElementLike): readonly Node[] {
  if (Node.isShorthandPropertyAssignment(property)) return [property.getNameNode()];
  const value = Node.isPropertyAssignment(property) ? property.getInitializer() : property;
  if (value === undefined) return [];
  if (!Node.isArrowFunction(value) && !Node.isFunctionExpression(value) && !Node.isMethodDeclaration(value))
    return [value];
  return value.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call) => {
    const [error, path] = call.getArguments();
    return path !== undefined && error?.getText() === 'null' ? [path] : [];
  });
}

/** Express rejects a relative path here unless `root` is given. */
const isAnswer = (root: string, name: string): boolean =>
  name === 'sendFile' || (name === 'download' && /^res(ponse)?$/.test(root));

/** `fork` receives a module; `exec` receives a shell command, which may contain slashes anywhere. */
function programOf(name: string, argument: Node): Place {
  const cwd = name === 'fork' ? always : /^exec(Sync)?$/.test(name) ? never : withSlash;
  return { argument, cwd, writes: false };
}

/** `{ cwd: ... }` of a child process; `.` is its default. */
function workingFolder(call: CallExpression): readonly Place[] {
  return call.getArguments().flatMap((argument) => {
    const option = Node.isObjectLiteralExpression(argument) ? argument.getProperty('cwd') : undefined;
    const value = Node.isPropertyAssignment(option) ? option.getInitializer() : undefined;
    if (value === undefined) return [];
    return [{ argument: value, cwd: (path: string) => path !== '.', writes: false }];
  });
}

const rootOf = (callee: Node): string => /^[\w$]+/.exec(callee.getText())?.[0] ?? '';

/** Local names of imports from the matching modules, and of constants that hold one: `await import('x')`, `require('x')`. */
function namesFrom(source: SourceFile, modules: RegExp): ReadonlySet<string> {
  const imported = source
    .getImportDeclarations()
    .filter((declaration) => modules.test(declaration.getModuleSpecifierValue()))
    .flatMap((declaration) => [
      declaration.getDefaultImport()?.getText() ?? '',
      declaration.getNamespaceImport()?.getText() ?? '',
      ...declaration
        .getNamedImports()
        .map((named) => (named.getAliasNode() ?? named.getNameNode()).getText()),
    ]);
  const held = nodesOfKind(source, SyntaxKind.VariableDeclaration).flatMap((declaration) => {
    const value = declaration.getInitializer();
    if (value === undefined || !isModule(bare(value), modules)) return [];
    const name = declaration.getNameNode();
    return Node.isObjectBindingPattern(name)
      ? name.getElements().map((element) => element.getName())
      : [name.getText()];
  });
  return new Set([...imported, ...held].filter((name) => name !== ''));
}

function isModule(node: Node, modules: RegExp): boolean {
  if (!Node.isCallExpression(node)) return false;
  const [specifier] = node.getArguments();
  const loads = /^(import|require|process\.getBuiltinModule)$/.test(node.getExpression().getText());
  return loads && specifier !== undefined && modules.test(knownText(specifier) ?? '');
}

import { Node, type CallExpression, type NewExpression, type SourceFile } from 'ts-morph';
import { lastName } from '../source/definition.ts';
import { evaluatePath } from '../source/paths.ts';

/** An argument that is a path in the file system. */
export interface Place {
  readonly argument: Node;
  /** Whether the path, when relative, depends on the working directory. */
  readonly cwd: (path: string) => boolean;
}

const always = (): boolean => true;
const never = (): boolean => false;
/** A program name without a slash is searched for in PATH. */
const withSlash = (path: string): boolean => path.includes('/');

const TWO_PATHS = /^(rename|copyFile|cp|link|symlink)(Sync)?$/;

/** Local names of the modules whose functions receive paths. */
interface Names {
  readonly fileSystem: ReadonlySet<string>;
  readonly programs: ReadonlySet<string>;
  readonly threads: ReadonlySet<string>;
  readonly express: ReadonlySet<string>;
}

/** Finds the paths that a call receives, by the names that the file imports. */
export function placesOf(source: SourceFile): (node: Node) => readonly Place[] {
  const names: Names = {
    fileSystem: namesFrom(source, /^(node:)?fs(\/promises)?$/),
    programs: namesFrom(source, /^(node:)?child_process$/),
    threads: namesFrom(source, /^(node:)?worker_threads$/),
    express: namesFrom(source, /^express$/),
  };
  return (node) => {
    if (Node.isNewExpression(node)) return placesOfNew(node, names);
    return Node.isCallExpression(node) ? placesOfCall(node, names) : [];
  };
}

function placesOfNew(node: NewExpression, { threads }: Names): readonly Place[] {
  const [first, base] = node.getArguments();
  if (first === undefined) return [];
  if (threads.has(rootOf(node.getExpression()))) return [{ argument: first, cwd: always }];
  const isFile =
    lastName(node.getExpression()) === 'URL' &&
    base === undefined &&
    evaluatePath(first)?.path.startsWith('/') === true;
  return isFile ? [{ argument: first, cwd: never }] : [];
}

function placesOfCall(call: CallExpression, { fileSystem, programs, express }: Names): readonly Place[] {
  const [first, second] = call.getArguments();
  if (first === undefined) return [];
  const root = rootOf(call.getExpression());
  const name = lastName(call.getExpression());
  if (fileSystem.has(root)) {
    const paths = second !== undefined && TWO_PATHS.test(name) ? [first, second] : [first];
    return paths.map((argument) => ({ argument, cwd: always }));
  }
  if (programs.has(root)) return [programOf(name, first), ...workingFolder(call)];
  const reads =
    root === 'process' ? /^(chdir|loadEnvFile)$/.test(name) : express.has(root) && name === 'static';
  if (reads) return [{ argument: first, cwd: always }];
  return isAnswer(root, name) ? [{ argument: first, cwd: never }] : [];
}

/** Express rejects a relative path here unless `root` is given. */
const isAnswer = (root: string, name: string): boolean =>
  name === 'sendFile' || (name === 'download' && /^res(ponse)?$/.test(root));

/** `fork` receives a module; `exec` receives a shell command, which may contain slashes anywhere. */
function programOf(name: string, argument: Node): Place {
  return { argument, cwd: name === 'fork' ? always : /^exec(Sync)?$/.test(name) ? never : withSlash };
}

/** `{ cwd: ... }` of a child process; `.` is its default. */
function workingFolder(call: CallExpression): readonly Place[] {
  return call.getArguments().flatMap((argument) => {
    const option = Node.isObjectLiteralExpression(argument) ? argument.getProperty('cwd') : undefined;
    const value = Node.isPropertyAssignment(option) ? option.getInitializer() : undefined;
    return value === undefined ? [] : [{ argument: value, cwd: (path: string) => path !== '.' }];
  });
}

const rootOf = (callee: Node): string => /^[\w$]+/.exec(callee.getText())?.[0] ?? '';

/** Local names of imports from the matching modules. */
function namesFrom(source: SourceFile, modules: RegExp): ReadonlySet<string> {
  return new Set(
    source
      .getImportDeclarations()
      .filter((declaration) => modules.test(declaration.getModuleSpecifierValue()))
      .flatMap((declaration) => [
        declaration.getDefaultImport()?.getText() ?? '',
        declaration.getNamespaceImport()?.getText() ?? '',
        ...declaration
          .getNamedImports()
          .map((named) => (named.getAliasNode() ?? named.getNameNode()).getText()),
      ])
      .filter((name) => name !== ''),
  );
}

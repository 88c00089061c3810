import { Node, type CallExpression, type SourceFile } from 'ts-morph';
import { lastName } from '../source/definition.ts';
import { evaluatePath } from '../source/paths.ts';

/** An argument that names a place in the file system. */
export interface Place {
  readonly argument: Node;
  /** Whether such a path, when it is relative, depends on the working directory. */
  readonly cwd: (path: string) => boolean;
}

const always = (): boolean => true;
const never = (): boolean => false;
/** A program without a slash is looked for where programs are. */
const withSlash = (path: string): boolean => path.includes('/');

const TWO_PATHS = /^(rename|copyFile|cp|link|symlink)(Sync)?$/;

/** Finds what a node takes from the file system, by the names that the file has imported. */
export function placesOf(source: SourceFile): (node: Node) => readonly Place[] {
  const fileSystem = namesFrom(source, /^(node:)?fs(\/promises)?$/);
  const programs = namesFrom(source, /^(node:)?child_process$/);
  const threads = namesFrom(source, /^(node:)?worker_threads$/);
  const express = namesFrom(source, /^express$/);
  return (node) => {
    if (Node.isNewExpression(node)) {
      const [first, base] = node.getArguments();
      if (first === undefined) return [];
      if (threads.has(rootOf(node.getExpression()))) return [{ argument: first, cwd: always }];
      const isFile =
        lastName(node.getExpression()) === 'URL' &&
        base === undefined &&
        evaluatePath(first)?.path.startsWith('/') === true;
      return isFile ? [{ argument: first, cwd: never }] : [];
    }
    if (!Node.isCallExpression(node)) return [];
    const [first, second] = node.getArguments();
    if (first === undefined) return [];
    const callee = node.getExpression();
    const root = rootOf(callee);
    const name = lastName(callee);
    if (fileSystem.has(root))
      return [
        { argument: first, cwd: always },
        ...(second !== undefined && TWO_PATHS.test(name) ? [{ argument: second, cwd: always }] : []),
      ];
    if (programs.has(root)) return [programOf(name, first), ...workingFolder(node)];
    if (root === 'process' && /^(chdir|loadEnvFile)$/.test(name)) return [{ argument: first, cwd: always }];
    if (express.has(root) && name === 'static') return [{ argument: first, cwd: always }];
    // Express refuses a relative path here that comes without a root
    const answers = name === 'sendFile' || (name === 'download' && /^res(ponse)?$/.test(root));
    return answers ? [{ argument: first, cwd: never }] : [];
  };
}

/** `fork` takes a module; `exec` takes a line for a shell, which may hold slashes anywhere. */
function programOf(name: string, argument: Node): Place {
  return { argument, cwd: name === 'fork' ? always : /^exec(Sync)?$/.test(name) ? never : withSlash };
}

/** `{ cwd: ... }` of a program that is started; the working directory itself is what it has anyway. */
function workingFolder(call: CallExpression): readonly Place[] {
  return call.getArguments().flatMap((argument) => {
    const option = Node.isObjectLiteralExpression(argument) ? argument.getProperty('cwd') : undefined;
    const value = Node.isPropertyAssignment(option) ? option.getInitializer() : undefined;
    return value === undefined ? [] : [{ argument: value, cwd: (path: string) => path !== '.' }];
  });
}

const rootOf = (callee: Node): string => /^[\w$]+/.exec(callee.getText())?.[0] ?? '';

/** Local names of what is imported from the modules that match. */
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

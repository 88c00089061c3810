import path from 'node:path';
import { Node, type Identifier, type PropertyAccessExpression } from 'ts-morph';
import { bare, constantOf, lastName } from './definition.ts';
import { knownText } from './evaluate.ts';

/** A path in the code. `from` is its start; `module` is the file that contains it. */
export interface PathValue {
  readonly from: 'module' | 'cwd' | 'absolute';
  /** From the module's folder (`module`), the working directory, or the root of the file system. */
  readonly path: string;
}

const MAX_DEPTH = 10;

/**
 * Evaluates a path statically: `__dirname`, `import.meta`, `new URL(..., import.meta.url)`, `process.cwd()`, literals,
 * and `join`, `resolve`, `dirname` of these. Ends at the first unknown segment; `null` when the start is unknown.
 */
export function evaluatePath(expression: Node, depth = 0): PathValue | null {
  const node = bare(expression);
  if (depth > MAX_DEPTH) return null;
  const start = startOf(node);
  if (start !== null) return start;
  if (Node.isNewExpression(node))
    return lastName(node.getExpression()) === 'URL' ? urlPath(node.getArguments(), depth) : null;
  if (Node.isCallExpression(node))
    return callPath(lastName(node.getExpression()), node.getArguments(), depth);
  if (Node.isTemplateExpression(node)) return templatePath(node, depth);
  if (Node.isBinaryExpression(node) && node.getOperatorToken().getText() === '+')
    return appended(evaluatePath(node.getLeft(), depth + 1), knownText(node.getRight()));
  if (Node.isIdentifier(node) || Node.isPropertyAccessExpression(node)) return namedPath(node, depth);
  const known = knownText(node);
  return known === null ? null : literalPath(known);
}

/** A constant, and `url.href` or `url.pathname`. */
function namedPath(node: Identifier | PropertyAccessExpression, depth: number): PathValue | null {
  if (Node.isPropertyAccessExpression(node) && /^(href|pathname)$/.test(node.getName()))
    return evaluatePath(node.getExpression(), depth + 1);
  const value = constantOf(Node.isIdentifier(node) ? node : node.getNameNode());
  return value === undefined ? null : evaluatePath(value, depth + 1);
}

/** `__dirname`, `import.meta.url` and the like. */
function startOf(node: Node): PathValue | null {
  const text = node.getText();
  if (MODULE_FOLDER.has(text)) return { from: 'module', path: '.' };
  if (MODULE_FILE.has(text)) return { from: 'module', path: `./${node.getSourceFile().getBaseName()}` };
  return text === 'process.cwd()' ? { from: 'cwd', path: '.' } : null;
}

const MODULE_FOLDER = new Set(['__dirname', 'import.meta.dirname']);
const MODULE_FILE = new Set(['__filename', 'import.meta.filename', 'import.meta.url']);

function literalPath(text: string): PathValue {
  if (text.startsWith('file:')) return { from: 'absolute', path: text.replace(/^file:(\/\/)?/, '') };
  if (text.startsWith('/') || /^[A-Za-z]:[\\/]/.test(text)) return { from: 'absolute', path: text };
  return { from: 'cwd', path: text };
}

function urlPath(args: readonly Node[], depth: number): PathValue | null {
  const [first, base] = args;
  const text = first === undefined ? null : knownText(first);
  if (base === undefined) return text?.startsWith('file:') ? literalPath(text) : null;
  const from = evaluatePath(base, depth + 1);
  if (from?.from !== 'module' && from?.from !== 'absolute') return null;
  if (text?.startsWith('/')) return { from: 'absolute', path: text };
  // A URL resolves against the folder of its base, or against the base itself when that ends in a slash
  const folder = from.path.endsWith('/') ? from.path : path.posix.dirname(from.path);
  return { from: from.from, path: text === null ? folder : path.posix.join(folder, text) };
}

function callPath(name: string, args: readonly Node[], depth: number): PathValue | null {
  const [first, ...rest] = args;
  if (first === undefined) return null;
  if (name === 'fileURLToPath' || name === 'pathToFileURL' || name === 'normalize')
    return evaluatePath(first, depth + 1);
  const start =
    name === 'dirname' || name === 'join' || name === 'resolve' ? evaluatePath(first, depth + 1) : null;
  if (start === null) return null;
  if (name === 'dirname') return { from: start.from, path: folderOf(start.path) };
  let value = start;
  for (const segment of rest) {
    const text = knownText(segment);
    if (text === null) break;
    if (name === 'resolve' && text.startsWith('/')) value = literalPath(text);
    else value = { from: value.from, path: path.posix.join(value.path, text) };
  }
  return value;
}

/** Parent of a path, also of one like `../..`. */
const folderOf = (file: string): string =>
  /^\.{1,2}(\/\.\.)*$/.test(file) ? path.posix.join(file, '..') : path.posix.dirname(file);

function templatePath(node: Node, depth: number): PathValue | null {
  if (!Node.isTemplateExpression(node)) return null;
  const head = node.getHead().getLiteralText();
  const [first, ...others] = node.getTemplateSpans();
  if (head !== '') return literalPath(head);
  if (first === undefined) return null;
  const start = appended(evaluatePath(first.getExpression(), depth + 1), first.getLiteral().getLiteralText());
  const rest = others.length === 0 ? null : knownText(node);
  return rest === null ? start : literalPath(rest);
}

function appended(start: PathValue | null, text: string | null): PathValue | null {
  if (start === null || text === null) return start;
  const joined = path.posix.normalize(start.path + text);
  return { from: start.from, path: joined.endsWith('/') ? joined.slice(0, -1) : joined };
}

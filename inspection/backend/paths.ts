import path from 'node:path';
import { Node, type SourceFile } from 'ts-morph';
import type { Finding } from '../../contracts/plan.ts';
import { lastName } from '../source/definition.ts';
import { evaluatePath, type PathValue } from '../source/paths.ts';
import { placesOf } from './places.ts';
import { backendError } from '../findings.ts';
import type { CheckContext, CodeCheck } from './context.ts';
import { nodesOf } from '../source/nodes.ts';

/** Paths that exist on every machine and in every container. */
const EVERYWHERE = /^\/(tmp|dev|proc|run\/secrets|var\/run\/secrets|bin\/sh|usr\/bin\/env)(\/|$)/;
const PATH_BUILDERS =
  /^(join|resolve|dirname|normalize|fileURLToPath|pathToFileURL|relative|basename|extname|isAbsolute|parse)$/;

/** Finds paths that exist in the monolith and are missing, different or read-only in the service. */
export const checkPaths: CodeCheck = (context) => {
  const packages = context.graph.packages.map(({ name }) => name);
  return [...context.graph.sources].flatMap(([file, source]) => [
    ...walksOut(file, source, context),
    ...(context.running.has(file) ? fixedPlaces({ file, source, packages, context }) : []),
  ]);
};

/** Paths from `__dirname` or `import.meta` that leave the carried files. */
function walksOut(file: string, source: SourceFile, context: CheckContext): readonly Finding[] {
  return modulePaths(source).flatMap(({ node, value }) => {
    const target = path.posix.join(path.posix.dirname(file), value.path);
    if (comesAlong(target, file, context)) return [];
    return backendError({
      code: 'code-path-escape',
      file,
      line: node.getStartLineNumber(),
      message: `This path leads to ${target.startsWith('..') ? 'a place outside the repository' : target}, which is not part of the service.`,
      remedy: remedyFor(target, context),
    });
  });
}

function remedyFor(target: string, { names }: CheckContext): string {
  const inPackage = /^node_modules\/(.+)/.exec(target)?.[1];
  return inPackage === undefined
    ? `Move the file below ${names.toolFolder}/backend/, or import it.`
    : `Resolve the package by its name: import.meta.resolve('${inPackage}').`;
}

/** Expressions that evaluate to a path from the module's own folder, outermost only. */
export function modulePaths(
  source: SourceFile,
): readonly { readonly node: Node; readonly value: PathValue }[] {
  const found: { node: Node; value: PathValue }[] = [];
  source.forEachDescendant((node, traversal) => {
    if (!startsPath(node)) return;
    const value = evaluatePath(node);
    if (value?.from !== 'module') return;
    traversal.skip(); // inner expressions are part of this path
    found.push({ node, value });
  });
  return found;
}

function startsPath(node: Node): boolean {
  if (Node.isNewExpression(node)) return lastName(node.getExpression()) === 'URL';
  if (Node.isCallExpression(node)) return PATH_BUILDERS.test(lastName(node.getExpression()));
  return (
    Node.isTemplateExpression(node) ||
    (Node.isBinaryExpression(node) && node.getOperatorToken().getText() === '+')
  );
}

/** Whether the file is carried to the same relative place. */
function comesAlong(target: string, file: string, { names, graph }: CheckContext): boolean {
  const tool = names.toolFolder;
  if (!file.startsWith(`${tool}/`))
    return graph.carried.includes(target) || target === path.posix.dirname(file);
  const inTool = path.posix.relative(tool, target);
  if (inTool.startsWith('..')) return false;
  return inTool === '' || inTool === 'manifest.json' || /^(backend|tests|database)(\/|$)/.test(inTool);
}

/** Absolute paths, paths relative to the working directory, and writes beside the code. */
function fixedPlaces(input: {
  readonly file: string;
  readonly source: SourceFile;
  readonly packages: readonly string[];
  readonly context: CheckContext;
}): readonly Finding[] {
  const { file, source, packages, context } = input;
  const places = placesOf(source, packages);
  const seen = new Set<Node>(); // an option belongs to every call around it
  return nodesOf(source).flatMap((node) =>
    places(node).flatMap(({ argument, cwd, writes }) => {
      const value = seen.has(argument) ? null : evaluatePath(argument);
      seen.add(argument);
      if (value === null || (value.from === 'cwd' && !cwd(value.path))) return [];
      // A path out of the carried files is a finding of its own
      const target = path.posix.join(path.posix.dirname(file), value.path);
      if (value.from === 'module' && !comesAlong(target, file, context)) return [];
      return fixedPlace({ file, line: node.getStartLineNumber(), value, writes }) ?? [];
    }),
  );
}

const WRITE_ELSEWHERE =
  'Write temporary files below os.tmpdir(). Keep lasting data in the database, or in the folder that a variable of the manifest (/env) names, and mount a volume there.';

function fixedPlace(use: {
  readonly file: string;
  readonly line: number;
  readonly value: PathValue;
  readonly writes: boolean;
}): Finding | null {
  const { file, line, value, writes } = use;
  if (value.from === 'absolute')
    return EVERYWHERE.test(value.path)
      ? null
      : backendError({
          code: 'code-absolute-path',
          file,
          line,
          message: `The absolute path ${value.path} exists on this machine and may not exist where the service runs.`,
          remedy:
            'Read the path from a variable that the manifest declares under /env, or move the file into the tool.',
        });
  if (writes)
    return backendError({
      code: value.from === 'cwd' ? 'code-path-escape' : 'code-read-only',
      file,
      line,
      message:
        value.from === 'cwd'
          ? `This writes to ${value.path}, relative to the working directory, where the service's container is read-only.`
          : `This writes to ${value.path} beside the code, where the service's container is read-only.`,
      remedy: WRITE_ELSEWHERE,
    });
  if (value.from === 'module') return null;
  return backendError({
    code: 'code-path-escape',
    file,
    line,
    message: `The path ${value.path} is relative to the working directory, which differs in the service.`,
    remedy: `Make it relative to the module: new URL('./file', import.meta.url).`,
  });
}

import path from 'node:path';
import { Node, type SourceFile } from 'ts-morph';
import type { Finding } from '../../contracts/plan.ts';
import { lastName } from '../source/definition.ts';
import { evaluatePath, type PathValue } from '../source/paths.ts';
import { placesOf } from './places.ts';
import { backendError } from '../findings.ts';
import type { CheckContext, CodeCheck } from './context.ts';

/** Paths that exist on every machine and in every container. */
const EVERYWHERE = /^\/(tmp|dev|proc|run\/secrets|var\/run\/secrets|bin\/sh|usr\/bin\/env)(\/|$)/;
const PATH_BUILDERS =
  /^(join|resolve|dirname|normalize|fileURLToPath|pathToFileURL|relative|basename|extname|isAbsolute|parse)$/;

/** Finds paths that exist in the monolith and are missing, or different, in the service. */
export const checkPaths: CodeCheck = (context) =>
  [...context.graph.sources].flatMap(([file, source]) => [
    ...walksOut(file, source, context),
    ...(context.running.has(file) ? fixedPlaces(file, source) : []),
  ]);

/** Paths from `__dirname` or `import.meta` that leave the carried files. */
function walksOut(file: string, source: SourceFile, context: CheckContext): readonly Finding[] {
  const found: Finding[] = [];
  source.forEachDescendant((node, traversal) => {
    if (!startsPath(node)) return;
    const value = evaluatePath(node);
    if (value?.from !== 'module') return;
    traversal.skip(); // inner expressions are part of this path
    const target = path.posix.join(path.posix.dirname(file), value.path);
    if (comesAlong(target, file, context)) return;
    found.push(
      backendError({
        code: 'code-path-escape',
        file,
        line: node.getStartLineNumber(),
        message: `This path leads to ${target.startsWith('..') ? 'a place outside the repository' : target}, which is not part of the service.`,
        remedy: `Move the file below ${context.names.toolFolder}/backend/, or import it.`,
      }),
    );
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

/** Absolute paths, and paths relative to the working directory. */
function fixedPlaces(file: string, source: SourceFile): readonly Finding[] {
  const places = placesOf(source);
  return source.getDescendants().flatMap((node) =>
    places(node).flatMap(({ argument, cwd }) => {
      const value = evaluatePath(argument);
      if (value === null || (value.from === 'cwd' && !cwd(value.path))) return [];
      return fixedPlace(file, node, value) ?? [];
    }),
  );
}

function fixedPlace(file: string, node: Node, value: PathValue): Finding | null {
  const line = node.getStartLineNumber();
  if (value.from === 'absolute' && !EVERYWHERE.test(value.path))
    return backendError({
      code: 'code-absolute-path',
      file,
      line,
      message: `The absolute path ${value.path} exists on this machine and may not exist where the service runs.`,
      remedy:
        'Read the path from a variable that the manifest declares under /env, or move the file into the tool.',
    });
  if (value.from === 'cwd')
    return backendError({
      code: 'code-path-escape',
      file,
      line,
      message: `The path ${value.path} is relative to the working directory, which differs in the service.`,
      remedy: `Make it relative to the module: new URL('./file', import.meta.url).`,
    });
  return null;
}

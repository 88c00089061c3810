import { PlatformError } from '../../../contracts/errors.ts';
import { toolIdProblem } from '../../../contracts/ids.ts';
import { ManifestError, parseManifest, type Manifest, type Problem } from '../../../contracts/manifest.ts';
import { notFound } from '../../store/tools.ts';

/**
 * The manifest in a body, whose id may be called `toolId` as well. With `toolId` given (PUT), the body may leave
 * its id out and must not name another.
 *
 * @throws ManifestError with every problem; pointers are those of the body as it was sent.
 */
export function parseManifestBody(body: unknown, toolId?: string): Manifest {
  if (toolId !== undefined && toolIdProblem(toolId) !== null) throw notFound(toolId);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return parseManifest(body);
  const idPointer = 'toolId' in body ? '/toolId' : '/id';
  const candidate = { ...(toolId !== undefined && { id: toolId }), ...withId(body) };
  if (toolId !== undefined && candidate['id'] !== toolId)
    throw new ManifestError([
      { pointer: idPointer, message: `must be "${toolId}", as in the address; a tool keeps its id` },
    ]);
  try {
    return checkedText(parseManifest(candidate));
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new ManifestError(error.problems.flatMap((problem) => asSent(problem, body, idPointer)));
  }
}

/** The body with its `toolId` under the name that manifests use. */
function withId(body: object): Record<string, unknown> {
  if (!('toolId' in body)) return { ...body };
  const { toolId: id, ...rest } = body;
  if ('id' in rest && rest.id !== id)
    throw new ManifestError([{ pointer: '/toolId', message: 'must be equal to /id; one of them is enough' }]);
  return { ...rest, id };
}

/** A bad id makes the addresses that follow from it bad as well; only what was sent is worth telling. */
function asSent(problem: Problem, body: object, idPointer: string): Problem[] {
  const { pointer, message } = problem;
  if ((pointer === '/route' && !('route' in body)) || (pointer === '/apiBase' && !('apiBase' in body)))
    return [];
  return [{ pointer: pointer === '/id' ? idPointer : pointer, message }];
}

/** PostgreSQL's text holds no NUL, wherever in the manifest it stands. */
function checkedText(manifest: Manifest): Manifest {
  if (!JSON.stringify(manifest).includes('\\u0000')) return manifest;
  throw new PlatformError('manifest-invalid', 'The manifest holds a NUL character. Remove it.', {
    errors: [{ pointer: '', message: 'holds a NUL character' }],
  });
}

import { PlatformError } from '../../../contracts/errors.ts';
import { toolIdProblem } from '../../../contracts/ids.ts';
import { ManifestError, parseManifest, type Manifest, type Problem } from '../../../contracts/manifest.ts';
import { notFound } from '../../store/tools.ts';

/**
 * Parses the manifest in a body, whose id may also be called `toolId`. With `toolId` given (PUT), the body may
 * omit the id and must not name another.
 *
 * @throws ManifestError with every problem; pointers refer to the body as it was sent.
 */
export function parseManifestBody(body: unknown, toolId?: string): Manifest {
  if (toolId !== undefined && toolIdProblem(toolId) !== null) throw notFound(toolId);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return parseManifest(body);
  const idPointer = 'toolId' in body ? '/toolId' : '/id';
  const candidate = { ...(toolId !== undefined && { id: toolId }), ...withId(body) };
  if (toolId !== undefined && candidate['id'] !== toolId)
    throw new ManifestError([
      {
        pointer: idPointer,
        message: `must be "${toolId}", as in the address; the id of a tool cannot change`,
      },
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
    throw new ManifestError([{ pointer: '/toolId', message: 'must be equal to /id; send only one of them' }]);
  return { ...rest, id };
}

/** An invalid id also makes the default addresses invalid; reports only fields that were sent. */
function asSent(problem: Problem, body: object, idPointer: string): Problem[] {
  const { pointer, message } = problem;
  if ((pointer === '/route' && !('route' in body)) || (pointer === '/apiBase' && !('apiBase' in body)))
    return [];
  return [{ pointer: pointer === '/id' ? idPointer : pointer, message }];
}

/** PostgreSQL cannot store NUL in text. */
function checkedText(manifest: Manifest): Manifest {
  if (!JSON.stringify(manifest).includes('\\u0000')) return manifest;
  throw new PlatformError('manifest-invalid', 'The manifest contains a NUL character. Remove it.', {
    errors: [{ pointer: '', message: 'contains a NUL character' }],
  });
}

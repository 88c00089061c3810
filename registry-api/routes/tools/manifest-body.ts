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
  const { toolId: alias, ...rest } = body as Record<string, unknown>;
  const named = 'toolId' in body;
  if (named && 'id' in body && alias !== rest['id'])
    throw new ManifestError([{ pointer: '/toolId', message: 'must be equal to /id; one of them is enough' }]);
  const id = named ? alias : 'id' in body ? rest['id'] : toolId;
  if (toolId !== undefined && id !== toolId)
    throw new ManifestError([
      {
        pointer: named ? '/toolId' : '/id',
        message: `must be "${toolId}", as in the address; a tool keeps its id`,
      },
    ]);
  try {
    return checkedText(parseManifest(id === undefined ? rest : { ...rest, id }));
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new ManifestError(error.problems.flatMap((problem) => asSent(problem, body, named)));
  }
}

/** A bad id makes the addresses that follow from it bad as well; only what was sent is worth telling. */
function asSent(problem: Problem, body: object, named: boolean): Problem[] {
  const { pointer, message } = problem;
  if ((pointer === '/route' && !('route' in body)) || (pointer === '/apiBase' && !('apiBase' in body)))
    return [];
  return [{ pointer: pointer === '/id' && named ? '/toolId' : pointer, message }];
}

/** PostgreSQL's text holds no NUL, wherever in the manifest it stands. */
function checkedText(manifest: Manifest): Manifest {
  if (!JSON.stringify(manifest).includes('\\u0000')) return manifest;
  throw new PlatformError('manifest-invalid', 'The manifest holds a NUL character. Remove it.', {
    errors: [{ pointer: '', message: 'holds a NUL character' }],
  });
}

import { repositoryFile } from '../repository-file.ts';
import { backendError } from '../findings.ts';
import type { CodeCheck } from './context.ts';

/** Finds imports of files of the repository that would configure the service instead of being read by it. */
export const checkRepositoryFiles: CodeCheck = ({ graph }) =>
  graph.edges.flatMap(({ file, line, specifier, target }) => {
    const problem = target.kind === 'file' ? repositoryFile(target.path) : null;
    if (problem === null) return [];
    const { message, remedy } = problem;
    return [
      backendError({
        code: 'code-repository-file',
        file,
        line,
        message: `'${specifier}' ${message}`,
        remedy,
      }),
    ];
  });

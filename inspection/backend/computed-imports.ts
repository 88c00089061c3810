import { backendError } from '../findings.ts';
import type { CodeCheck } from './context.ts';

/** `import(name)` and `require(name)`: nobody can tell before a run what must come along. */
export const checkComputedImports: CodeCheck = ({ graph }) =>
  graph.computed.map(({ file, line, text }) =>
    backendError({
      code: 'code-computed-import',
      file,
      line,
      message: `What \`${text}\` loads is known only when it runs, so that the export cannot bring it along.`,
      remedy: 'Write the path as a literal; where there are several, one import() each.',
    }),
  );

import { backendError } from '../findings.ts';
import type { CodeCheck } from './context.ts';

/** `import(name)` and `require(name)`: the export cannot determine which file to carry over. */
export const checkComputedImports: CodeCheck = ({ graph }) =>
  graph.computed.map(({ file, line, text }) =>
    backendError({
      code: 'code-computed-import',
      file,
      line,
      message: `The path in \`${text}\` is computed at run time, so the export cannot carry the module over.`,
      remedy: 'Write the path as a literal; for several modules, use one import() each.',
    }),
  );

import type { Finding } from '../../contracts/plan.ts';
import { frontendError } from '../findings.ts';
import type { FrontendContext } from './context.ts';

/** Finds files of the tool whose path in the web app belongs to a generated file. */
export function checkPlaces({ names, texts, host, placeOf }: FrontendContext): readonly Finding[] {
  return Object.keys(texts)
    .filter((file) => placeOf(file) in host)
    .map((file) =>
      frontendError({
        code: 'code-file-collision',
        file,
        message: `The file would be placed at ${names.webFolder}/${placeOf(file)}, which the export generates.`,
        remedy: 'Rename the file.',
      }),
    );
}

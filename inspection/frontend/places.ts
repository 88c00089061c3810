import type { Finding } from '../../contracts/plan.ts';
import { frontendError } from '../findings.ts';
import type { FrontendContext } from './context.ts';

/** Files of the tool whose place in the web app a generated file already has. */
export function checkPlaces({ names, texts, host, placeOf }: FrontendContext): readonly Finding[] {
  return Object.keys(texts)
    .filter((file) => placeOf(file) in host)
    .map((file) =>
      frontendError({
        code: 'code-file-collision',
        file,
        message: `The export generates ${names.webFolder}/${placeOf(file)}, and the tool has a file for the same place.`,
        remedy: 'Rename the file of the tool.',
      }),
    );
}

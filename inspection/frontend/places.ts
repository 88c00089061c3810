import type { Finding } from '../../contracts/plan.ts';
import { finding, type FrontendContext } from './context.ts';

/** Every file needs a place of its own in the web app. */
export function checkPlaces({ names, texts, host, placeOf }: FrontendContext): readonly Finding[] {
  return Object.keys(texts)
    .filter((file) => placeOf(file) in host)
    .map((file) =>
      finding('code-file-collision', 'error', { file }, {
        message: `The export generates ${names.webFolder}/${placeOf(file)}, and the tool has a file for the same place.`,
        remedy: 'Rename the file of the tool.',
      }),
    ); // prettier-ignore
}

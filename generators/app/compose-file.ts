import { parseDocument } from 'yaml';

/** Where the platform's container may write, besides its volume: the dashboard is compiled below `.platform/`. */
const TMPFS = ['/tmp', '/platform/.platform'];

/**
 * The compose file of a workspace: that of the platform's package, with an image of its own.
 * @param text of the package, whose comments and layout are kept
 */
export function composeFileOf(text: string, image: string): string {
  const document = parseDocument(text);
  const platform = ['services', 'platform'];
  document.setIn([...platform, 'image'], image);
  document.setIn([...platform, 'tmpfs'], TMPFS);
  return document.toString({ lineWidth: 0 });
}

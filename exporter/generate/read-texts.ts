import type { FilesPort } from '../core/ports.ts';

/** Contents by path below `folder` (relative to the repository), encoded as in `file-content.ts`. */
export async function readTexts(
  port: Pick<FilesPort, 'readText'>,
  folder: string,
  files: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const read = files.map(async (file) => [
    file,
    await port.readText(folder === '' ? file : `${folder}/${file}`),
  ]);
  return Object.fromEntries((await Promise.all(read)).filter(([, text]) => text !== null)) as Record<
    string,
    string
  >;
}

import type { ArchivePort } from './archive-api.ts';
import { dropSource, tryDropSource } from './drop-source.ts';
import { readSource } from './read-source.ts';
import { removeArchive, writeArchive } from './write-archive.ts';

/** Archives of the tables at `sourceUrl`, the administrator's address. Keeps no connection. */
export const createArchivePort = (sourceUrl: string): ArchivePort => ({
  read: (spec) => readSource(sourceUrl, spec),
  write: (spec, options) => writeArchive(sourceUrl, spec, options),
  remove: (spec) => removeArchive(sourceUrl, spec),
  tryDrop: (spec) => tryDropSource(sourceUrl, spec),
  drop: (spec) => dropSource(sourceUrl, spec),
});

import { meet } from '../meet.ts';

/** Where the files of one tool lie in its service. Folders end with `/`. */
export interface ServiceLayout {
  readonly toolId: string;
  /** The whole tool lies below `src/tool/`, because one of its files has the place of a file of the host. */
  readonly nested: boolean;
  readonly backend: string;
  readonly tests: string;
  readonly database: string;
}

/** Folders of the service in which no file of a tool lies, unless the whole tool lies below the last one. */
const NOT_OF_TOOLS = ['src/host', 'src/carried', 'src/tool', 'tests/host', 'tests/contract'];

/**
 * The tool's folders become those of the service. The whole tool keeps its tree below `src/tool/` instead where one of its
 * own files would meet a file of the host, or where it lists a folder in which files of the host would lie. So no file
 * name is forbidden, and no folder has other files than before.
 */
export function layoutOf({
  toolId,
  own = [],
  listed = [],
  hostFiles = [],
}: {
  readonly toolId: string;
  /** Files of the tool, relative to its folder. */
  readonly own?: readonly string[];
  /** Folders of the tool whose files its code lists, relative to its folder. */
  readonly listed?: readonly string[];
  /** Files of the host in every service. */
  readonly hostFiles?: Iterable<string>;
}): ServiceLayout {
  const tree = { toolId, nested: false, backend: 'src/', tests: 'tests/', database: 'database/' };
  const host = [...hostFiles];
  const placed = own
    .filter((file) => /^(backend|tests|database)\//.test(file))
    .map((file) => servicePath(`tools/${toolId}/${file}`, tree));
  const collides = placed.some((file) => [...NOT_OF_TOOLS, ...host].some((other) => meet(file, other)));
  const shows = listed.some((folder) => {
    const place = /^(backend|tests|database)(\/|$)/.test(folder)
      ? servicePath(`tools/${toolId}/${folder}/`, tree)
      : '';
    return host.some((file) => file.startsWith(place));
  });
  if (!collides && !shows) return tree;
  return {
    toolId,
    nested: true,
    backend: 'src/tool/backend/',
    tests: 'src/tool/tests/',
    database: 'src/tool/database/',
  };
}

/**
 * Path of a repository file in the exported service. The tool's folders keep their relative places, so that paths
 * between them still resolve. Code of the repository lies below `src/carried/`, where no file of the tool can be.
 */
export function servicePath(file: string, { toolId, nested, backend }: ServiceLayout): string {
  const own = `tools/${toolId}/`;
  if (!file.startsWith(own)) return `src/carried/${file}`;
  const rest = file.slice(own.length);
  if (nested) return `src/tool/${rest}`;
  if (rest.startsWith('backend/')) return backend + rest.slice('backend/'.length);
  if (rest === 'manifest.json' || /^(tests|database)\//.test(rest)) return rest;
  return `src/tool/${rest}`; // files beside the backend that it imports, such as types of the frontend
}

/** The inverse of {@link servicePath}. */
export function sourcePath(file: string, { toolId, nested, backend }: ServiceLayout): string {
  const own = `tools/${toolId}/`;
  if (file.startsWith('src/carried/')) return file.slice('src/carried/'.length);
  if (file.startsWith('src/tool/')) return own + file.slice('src/tool/'.length);
  if (!nested && file.startsWith(backend)) return `${own}backend/${file.slice(backend.length)}`;
  return own + file;
}

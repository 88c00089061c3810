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
 * The tool's folders become those of the service. Where one of its own files would meet a file of the host, the whole
 * tool keeps its tree below `src/tool/` instead, so that no file name is forbidden.
 *
 * @param own files of the tool, relative to its folder
 * @param hostFiles paths of the host's files in every service
 */
export function layoutOf(toolId: string, own: readonly string[], hostFiles: Iterable<string>): ServiceLayout {
  const tree = { toolId, nested: false, backend: 'src/', tests: 'tests/', database: 'database/' };
  const taken = [...NOT_OF_TOOLS, ...hostFiles];
  const placed = own
    .filter((file) => /^(backend|tests|database)\//.test(file))
    .map((file) => servicePath(`tools/${toolId}/${file}`, tree));
  if (!placed.some((file) => taken.some((other) => meet(file, other)))) return tree;
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

/** Whether the file is the other one, or one of the two is a folder above the other; on any file system. */
function meet(a: string, b: string): boolean {
  const [one, other] = [`${a.toLowerCase()}/`, `${b.toLowerCase()}/`];
  return one.startsWith(other) || other.startsWith(one);
}

/** The inverse of {@link servicePath}. */
export function sourcePath(file: string, { toolId, nested, backend }: ServiceLayout): string {
  const own = `tools/${toolId}/`;
  if (file.startsWith('src/carried/')) return file.slice('src/carried/'.length);
  if (file.startsWith('src/tool/')) return own + file.slice('src/tool/'.length);
  if (!nested && file.startsWith(backend)) return `${own}backend/${file.slice(backend.length)}`;
  return own + file;
}

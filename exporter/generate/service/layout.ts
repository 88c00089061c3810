/**
 * Path of a repository file in the exported service. The tool's folders keep their relative places, so that paths
 * between them still resolve; shared code keeps the place that its alias names.
 */
export function servicePath(file: string, toolId: string): string {
  const own = `tools/${toolId}/`;
  if (file.startsWith(own)) {
    const rest = file.slice(own.length);
    if (rest.startsWith('backend/')) return `src/${rest.slice('backend/'.length)}`;
    if (rest === 'manifest.json' || /^(tests|database)\//.test(rest)) return rest;
    return `src/tool/${rest}`; // files beside the backend that it imports, such as types of the frontend
  }
  if (file.startsWith('contracts/') || file.startsWith('shared/')) return `src/${file}`;
  return `src/carried/${file}`;
}

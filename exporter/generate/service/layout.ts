/**
 * Where a file of the repository lies in the exported service. The tool's folders keep their places relative to
 * each other, so that paths between them hold; shared code keeps the place that its alias names.
 */
export function servicePath(file: string, toolId: string): string {
  const own = `tools/${toolId}/`;
  if (file.startsWith(own)) {
    const rest = file.slice(own.length);
    if (rest.startsWith('backend/')) return `src/${rest.slice('backend/'.length)}`;
    if (rest === 'manifest.json' || /^(tests|database)\//.test(rest)) return rest;
    return `src/tool/${rest}`; // what the backend takes from beside itself, such as types of the frontend
  }
  if (file.startsWith('contracts/') || file.startsWith('shared/')) return `src/${file}`;
  return `src/carried/${file}`;
}

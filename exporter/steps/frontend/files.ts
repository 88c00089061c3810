import { treeOf, type FileTree } from '../../core/file-tree.ts';
import type { FrontendFacts } from './facts.ts';

/** The files of the web app by who writes them: the app around the tool, the carried source, the service's addresses. */
export function filesOf({ frontend }: FrontendFacts, part: 'app' | 'source' | 'addresses'): FileTree {
  const carried = new Set(frontend.carried);
  const addresses = new Set(frontend.addresses);
  const partOf = (file: string): typeof part =>
    carried.has(file) ? 'source' : addresses.has(file) ? 'addresses' : 'app';
  return treeOf(frontend, (file) => partOf(file) === part);
}

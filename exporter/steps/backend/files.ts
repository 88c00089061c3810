import { treeOf, type FileTree } from '../../core/file-tree.ts';
import type { BackendFacts } from './facts.ts';

const PACKAGE_FILES = ['package.json', 'package-lock.json'];

/** The files of the service by who writes them: the host around the tool, its package files, the carried source. */
export function filesOf({ backend }: BackendFacts, part: 'host' | 'package' | 'source'): FileTree {
  const carried = new Set(backend.carried);
  const partOf = (file: string): typeof part =>
    PACKAGE_FILES.includes(file) ? 'package' : carried.has(file) ? 'source' : 'host';
  return treeOf(backend, (file) => partOf(file) === part);
}

import type { Manifest } from '../../contracts/manifest.ts';
import type { ToolNames } from '../../contracts/naming.ts';
import type { Finding } from '../../contracts/plan.ts';
import type { ImportGraph } from '../source/import-graph.ts';
import type { LockPackage } from '../source/package-lock.ts';

export interface MissingPackage {
  readonly name: string;
  /** A file that imports it. */
  readonly file: string;
  /** Its entry in the lock file, when that is a link into the repository. */
  readonly link?: LockPackage;
}

/** Input of every frontend check. */
export interface FrontendContext {
  readonly root: string;
  readonly names: ToolNames;
  readonly manifest: Manifest;
  readonly graph: ImportGraph;
  /** Content of every carried file, by path in the repository. */
  readonly texts: Readonly<Record<string, string>>;
  /** Packages that the web app imports and the lock file does not hold. */
  readonly missingPackages: readonly MissingPackage[];
  /** Files of all tools, by path in the repository. */
  readonly toolFiles: readonly string[];
  /** Files that git ignores and, with a slash at the end, folders; relative to the repository. */
  readonly ignored: readonly string[];
}

export type FrontendCheck = (context: FrontendContext) => readonly Finding[] | Promise<readonly Finding[]>;

/** Line (1-based) of an offset into a text. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

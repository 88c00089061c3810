import type { Manifest } from '../../contracts/manifest.ts';
import type { ToolNames } from '../../contracts/naming.ts';
import type { Finding } from '../../contracts/plan.ts';
import type { ImportGraph } from '../source/import-graph.ts';

export interface MissingPackage {
  readonly name: string;
  /** A file that imports it. */
  readonly file: string;
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
}

export type FrontendCheck = (context: FrontendContext) => readonly Finding[] | Promise<readonly Finding[]>;

/** Line (1-based) of an offset into a text. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

import type { Manifest } from '../../contracts/manifest.ts';
import type { ToolNames } from '../../contracts/naming.ts';
import type { Finding } from '../../contracts/plan.ts';
import type { ImportGraph } from '../source/import-graph.ts';
import type { PackageLock } from '../source/package-lock.ts';

/** What every check looks at. */
export interface CheckContext {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly manifest: Manifest;
  readonly names: ToolNames;
  /** Of the tool's backend, tests and database. */
  readonly graph: ImportGraph;
  /** Files that run in the service, as opposed to its tests. */
  readonly running: ReadonlySet<string>;
  readonly lock: PackageLock;
}

/** Reads only. Every problem, not the first. */
export type CodeCheck = (context: CheckContext) => readonly Finding[];

import type { Manifest } from '../../contracts/manifest.ts';
import type { ToolNames } from '../../contracts/naming.ts';
import type { Finding } from '../../contracts/plan.ts';
import type { ImportGraph } from '../source/import-graph.ts';
import type { PackageLock } from '../source/package-lock.ts';

/** Input of every check. */
export interface CheckContext {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly manifest: Manifest;
  readonly names: ToolNames;
  /** Import graph of the tool's backend, tests and database. */
  readonly graph: ImportGraph;
  /** Files that run in the service; tests are not among them. */
  readonly running: ReadonlySet<string>;
  readonly lock: PackageLock;
  /** Files that git ignores and, with a slash at the end, folders; relative to the repository. */
  readonly ignored: readonly string[];
}

/** Returns every problem, not only the first. Changes nothing. */
export type CodeCheck = (context: CheckContext) => readonly Finding[];

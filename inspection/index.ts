/** Static analysis of a tool's source. Other rooms import only this file. Writes nothing. */
export { checkBackend } from './backend/check-backend.ts';
export { listedFolders } from './backend/listed-folders.ts';
export { checkFrontend } from './frontend/check-frontend.ts';
export type { MissingPackage } from './frontend/context.ts';
export { knownText } from './source/evaluate.ts';
export {
  packagesOf,
  readImportGraph,
  type ImportEdge,
  type ImportGraph,
  type PackageUse,
} from './source/import-graph.ts';
export { withNamedPackages } from './source/named-packages.ts';
export { importsOf, type ImportKind } from './source/imports.ts';
export { linkedPackage } from './source/linked-package.ts';
export {
  lockedSpec,
  lockedVersion,
  parsePackageLock,
  resolveInLock,
  typesPackage,
  type LockPackage,
  type PackageLock,
} from './source/package-lock.ts';
export { packageName, type ImportTarget } from './source/resolve-import.ts';
export {
  analyseBoundaries,
  NoModules,
  type Boundaries,
  type Cell,
  type ModuleReport,
  type TableReport,
} from './boundaries/analyse.ts';
export { createSchemaBuilder } from './boundaries/schema/collect-schema.ts';
export { readDdl } from './boundaries/schema/read-ddl.ts';
export { SHARED, type Coupling, type DatabaseFacts, type Schema, type Unread } from './boundaries/types.ts';

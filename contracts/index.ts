/** What tools and programs around the platform import from the package by its bare name. */
export type { CreateToolRouter, Principal, ToolContext, ToolLogger } from './tool-context.ts';
export { HttpProblem } from './http-problem.ts';
export { parseManifest, ManifestError, type Manifest } from './manifest.ts';
export { PlatformError, type ErrorCode } from './errors.ts';

import type { Routes } from '@angular/router';

/**
 * Stands in for the generated list before the first build: the type check of a fresh checkout resolves
 * `#generated/tool-loaders` to this file, a build to the generated one.
 */
export const TOOL_LOADERS: Readonly<Record<string, () => Promise<{ toolRoutes: Routes }>>> = {};

/** Tools whose frontend could not be built, with the compiler's words. */
export const TOOL_PROBLEMS: Readonly<Record<string, string>> = {};

/** Title and logo of the workspace. */
export const BRAND: Readonly<{ title: string; logo: string }> = { title: 'Tools', logo: 'tool-platform.svg' };

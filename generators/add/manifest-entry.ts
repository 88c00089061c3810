import type { TableDeclaration } from '../../contracts/declared-tables.ts';
import { PlatformError } from '../../contracts/errors.ts';
import { ManifestError, parseManifest, type Endpoint } from '../../contracts/manifest.ts';

/** The entries that an addition declares in the manifest. */
export interface ManifestEntry {
  readonly tables?: readonly string[];
  readonly endpoints?: readonly Endpoint[];
}

/**
 * Adds an entry to the text of a manifest; everything else is unchanged, in its order.
 * @throws PlatformError `manifest-invalid` when the result is not a valid manifest
 */
export function withEntry(text: string, entry: ManifestEntry, file: string): string {
  const manifest = JSON.parse(text) as {
    databaseSchema?: { tables?: TableDeclaration[] };
    endpoints?: Endpoint[];
    permissions?: string[];
  };
  const endpoints = entry.endpoints ?? [];
  const tables = entry.tables ?? [];
  if (tables.length > 0)
    manifest.databaseSchema = { tables: [...(manifest.databaseSchema?.tables ?? []), ...tables] };
  if (endpoints.length > 0) {
    manifest.endpoints = [...(manifest.endpoints ?? []), ...endpoints];
    const needed = endpoints.flatMap((endpoint) => endpoint.permissions);
    manifest.permissions = [...new Set([...(manifest.permissions ?? []), ...needed])];
  }
  try {
    parseManifest(manifest);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new PlatformError('manifest-invalid', `${file} would not be valid:`, {
      cause: error,
      errors: error.problems,
    });
  }
  return JSON.stringify(manifest, null, 2);
}

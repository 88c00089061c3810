/** The ETag of a version. */
export const etagOf = (version: string): string => `"${version}"`;

/** The versions that a request accepts, by its header If-Match (RFC 9110, 13.1.1); `null`: every version. */
export function acceptedVersions(ifMatch: string | undefined): readonly string[] | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null;
  // A proxy that compresses answers makes their ETags weak (W/"...").
  return [...ifMatch.matchAll(/"([^"]*)"/g)].map(([, version = '']) => version);
}

/**
 * Addresses to try in turn, so that `sslmode` means what it means to libpq (PostgreSQL 15 manual, 34.19.1): `require`
 * encrypts without verifying the certificate, `verify-ca` and `verify-full` verify it, `prefer` and `allow` fall back.
 * Without `sslmode`, a connection is encrypted where the server demands it.
 */
export function connectionAttempts(url: string, environment = process.env['PGSSLMODE']): readonly string[] {
  const at = new URL(url);
  const given = at.searchParams.get('sslmode') ?? environment;
  const mode = given ?? 'allow';
  const has = (names: readonly string[]): boolean => names.some((name) => at.searchParams.has(name));
  // words of Node's client that libpq does not know
  if (has(['ssl', 'uselibpqcompat']) || mode === 'no-verify') return [url];
  // a certificate without a mode: Node verifies the server
  if (given === undefined && has(['sslrootcert', 'sslcert', 'sslkey'])) return [url];
  // libpq's word for the certification authorities of the system, which Node uses anyway
  if (at.searchParams.get('sslrootcert') === 'system') at.searchParams.delete('sslrootcert');
  const as = (sslmode: string): string => {
    const attempt = new URL(at);
    attempt.searchParams.set('sslmode', sslmode);
    if (sslmode !== 'disable') attempt.searchParams.set('uselibpqcompat', 'true');
    return attempt.href;
  };
  if (mode === 'prefer') return [as('prefer'), as('disable')];
  if (mode === 'allow') return [as('disable'), as('prefer')];
  return [as(mode)];
}

/** True when another attempt of {@link connectionAttempts} can succeed: the server lacks encryption, or demands it. */
export const isAboutEncryption = (message: string): boolean =>
  /does not support SSL|no encryption|SSL off|pg_hba\.conf/i.test(message);

/**
 * What kind of failure a tool has had outside its requests, such as `error 23505` or `TypeError`. Without its message, which
 * names addresses and times.
 */
export function failureKind(failure: unknown): string {
  if (!(failure instanceof Error)) return typeof failure;
  const { code } = failure as { readonly code?: unknown };
  return typeof code === 'string' ? `${failure.name} ${code}` : failure.name;
}

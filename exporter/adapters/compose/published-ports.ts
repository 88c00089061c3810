/** Ports of this machine that the compose file publishes, whether its containers run or not. */
export function publishedPorts(composeText: string): ReadonlySet<number> {
  return new Set(
    Array.from(composeText.matchAll(/127\.0\.0\.1:(?:\$\{\w+:-)?(\d+)\}?:\d+/g), (m) => Number(m[1])),
  );
}

/** Whether two paths are one file, or one of the two is a folder above the other; on any file system. */
export function meet(a: string, b: string): boolean {
  const [one, other] = [`${a.toLowerCase()}/`, `${b.toLowerCase()}/`];
  return one.startsWith(other) || other.startsWith(one);
}

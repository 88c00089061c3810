/** The first lines of a program's output: the first error causes the others. */
export const firstLines = (output: string, count: number): string => {
  const lines = output.trim().split('\n');
  const more = lines.length - count;
  return lines.slice(0, count).join('\n') + (more > 0 ? `\n... ${more} more lines` : '');
};

import { structuredPatch } from 'diff';
import type { FileChange } from './journal.ts';

/** A unified diff of all changes, for `git apply`; new files with their content. */
export function unifiedDiff(changes: readonly FileChange[]): string {
  return changes
    .filter((change) => change.before !== change.after)
    .map(diffOf)
    .join('');
}

function diffOf({ path, before, after }: FileChange): string {
  const head = [`diff --git a/${path} b/${path}`];
  if (before === null) head.push('new file mode 100644');
  if (after === null) head.push('deleted file mode 100644');
  const { hunks } = structuredPatch(path, path, before ?? '', after ?? '', undefined, undefined, {
    context: 3,
  });
  if (hunks.length === 0) return `${head.join('\n')}\n`;
  head.push(
    before === null ? '--- /dev/null' : `--- a/${path}`,
    after === null ? '+++ /dev/null' : `+++ b/${path}`,
  );
  const body = hunks.flatMap((h) => [
    `@@ -${range(h.oldStart, h.oldLines)} +${range(h.newStart, h.newLines)} @@`,
    ...h.lines,
  ]);
  return `${[...head, ...body].join('\n')}\n`;
}

/** As GNU diff: an empty side starts at the line before it. */
function range(start: number, lines: number): string {
  return `${lines === 0 ? Math.max(start - 1, 0) : start},${lines}`;
}

/**
 * The last message about a change that an apply worker could not apply, in the text of a server's log; `null` when there
 * is none. `origin`: the replication origin of its subscription.
 */
export function applyErrorIn(log: string, origin: string | null): string | null {
  if (origin === null) return null;
  const lines = log.split('\n');
  const context = lines.findLastIndex((line) => line.includes(`"${origin}"`));
  // the context follows its error, with a detail and a hint between them
  const error = lines
    .slice(Math.max(0, context - NEAR), Math.max(0, context))
    .findLast((line) => ERROR.test(line));
  return error === undefined ? null : (ERROR.exec(error)?.[1] ?? null);
}

const NEAR = 6;
const ERROR = /ERROR: +(.+)$/;

const CLOSED: readonly (string | undefined)[] = ['EPIPE', 'EIO'];

let outlives = false;

/**
 * Ignores write errors on stdout and stderr: behind a closed terminal or `| head`, output is lost and the work
 * runs to its end. Without a listener, the first EPIPE would kill an export in the middle of a rollback. Safe to
 * call twice.
 */
export function outliveReaders(): void {
  if (outlives) return;
  outlives = true;
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!CLOSED.includes(error.code)) throw error;
    });
}

const CLOSED: readonly (string | undefined)[] = ['EPIPE', 'EIO'];

let outlives = false;

/**
 * From here on nobody has to read what we print: behind a closed terminal or a `| head` it is lost, and the work
 * goes on to its end. Without a listener the first such write would end an export in the middle of an undo, and a
 * platform that says why it fails would fail at that, over and over. Safe to call twice.
 */
export function outliveReaders(): void {
  if (outlives) return;
  outlives = true;
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!CLOSED.includes(error.code)) throw error;
    });
}

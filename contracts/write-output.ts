/**
 * Writes text to standard output and waits until the reader has taken everything that was written so far. gulp ends the
 * process at once when a task fails, and a pipe takes 64 KiB at a time.
 */
export function writeOutput(text: string, stream: NodeJS.WritableStream = process.stdout): Promise<void> {
  // a reader that has gone away is no failure of the command
  return new Promise((resolve) => void stream.write(text, () => resolve()));
}

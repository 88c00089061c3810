import { realpath } from 'node:fs/promises';
import path from 'node:path';

/**
 * npm as a program of Node, with which an export marks and ends its processes; where `npm` in PATH is another program that
 * finds the real one, that program.
 */
export async function npmProgram(node: string): Promise<readonly [command: string, ...args: string[]]> {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = await realpath(path.join(folder, 'npm')).catch(() => null);
    if (file !== null) return file.endsWith('.js') ? [node, file] : [file];
  }
  return ['npm'];
}

import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The tool whose code an error was thrown from: the first frame of the stack that lies in a tool's folder. */
export function failingTool(root: string, error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const tools = pathToFileURL(path.join(root, 'tools')).href;
  const at = (error.stack ?? '').indexOf(`${tools}/`);
  return at < 0 ? null : (/^[a-z0-9-]+/.exec((error.stack ?? '').slice(at + tools.length + 1))?.[0] ?? null);
}

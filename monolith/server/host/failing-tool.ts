import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The tool that threw an error: the first stack frame inside a tool's folder names it. */
export function failingTool(root: string, error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const tools = pathToFileURL(path.join(root, 'tools')).href;
  const at = (error.stack ?? '').indexOf(`${tools}/`);
  return at < 0 ? null : (/^[a-z0-9-]+/.exec((error.stack ?? '').slice(at + tools.length + 1))?.[0] ?? null);
}

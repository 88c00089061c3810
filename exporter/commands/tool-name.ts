import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Line breaks, colours and other orders to the terminal: a manifest that nobody has checked yet may hold them. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * What people call the tool: the name in its manifest, fit for one line of a terminal, or the id where there is no
 * name to be read. Never throws: what is wrong with a manifest is for the preflight to say.
 */
export async function toolName(root: string, toolId: string): Promise<string> {
  try {
    const file = path.join(root, 'tools', toolId, 'manifest.json');
    const manifest = JSON.parse(await readFile(file, 'utf8')) as { readonly name?: unknown } | null;
    const name = typeof manifest?.name === 'string' ? manifest.name.replace(CONTROL, ' ').trim() : '';
    return name.slice(0, 120) || toolId;
  } catch {
    return toolId;
  }
}

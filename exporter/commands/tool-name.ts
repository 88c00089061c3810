import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Line breaks and terminal control sequences, which an unchecked manifest may contain. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * The name in the tool's manifest, as one printable line, or the id when no name can be read. Never throws: the
 * preflight reports problems of the manifest.
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

import path from 'node:path';
import { format, resolveConfig, type Options } from 'prettier';

const FORMATTED = new Set(['.ts', '.js', '.cjs', '.json', '.md', '.html', '.css', '.scss', '.yml', '.yaml']);

/**
 * The text as the repository's prettier writes it, so that generated files pass its own check whatever the
 * length of the names in them. Files that prettier does not know (SQL) come back as they are.
 *
 * @param file where the text will stand, relative to `root`: names the parser
 * @throws SyntaxError when the text does not parse; the message holds file, line and column
 */
export async function formatSource(text: string, file: string, root: string): Promise<string> {
  return formatAs(text, file, (await configOf(root)) ?? {});
}

/** As {@link formatSource}, by these settings of prettier. */
export async function formatAs(text: string, file: string, settings: Options): Promise<string> {
  if (!FORMATTED.has(path.extname(file))) return text;
  try {
    return await format(text, { ...settings, filepath: file });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new SyntaxError(`${file}: ${reason}`, { cause: error });
  }
}

const configs = new Map<string, ReturnType<typeof resolveConfig>>();

async function configOf(root: string): ReturnType<typeof resolveConfig> {
  const known = configs.get(root) ?? resolveConfig(path.join(root, 'package.json'));
  configs.set(root, known);
  return known;
}

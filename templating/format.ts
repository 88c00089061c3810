import { createHash } from 'node:crypto';
import path from 'node:path';
import { format, resolveConfig, version, type Options } from 'prettier';

const FORMATTED = new Set(['.ts', '.js', '.cjs', '.json', '.md', '.html', '.css', '.scss', '.yml', '.yaml']);

/** Keeps formatted texts, each under the checksum of everything that decides it. */
export interface FormattedTexts {
  /** `null`: not kept. */
  get(key: string): Promise<string | null>;
  /** Best effort: a text that cannot be kept is formatted again. */
  keep(key: string, text: string): Promise<void>;
}

/**
 * The text as the repository's prettier writes it, so that generated files pass its own check whatever the
 * length of the names in them. Files that prettier does not know (SQL) come back as they are.
 *
 * @param file where the text will stand, relative to `root`: names the parser
 * @param kept texts that were formatted before; default: none
 * @throws SyntaxError when the text does not parse; the message holds file, line and column
 */
export async function formatSource(
  text: string,
  file: string,
  root: string,
  kept?: FormattedTexts,
): Promise<string> {
  if (!FORMATTED.has(path.extname(file))) return text;
  const settings = (await configOf(root)) ?? {};
  // Nothing tells the version of a plugin
  if (kept === undefined || (settings.plugins ?? []).length > 0) return formatAs(text, file, settings);
  const key = createHash('sha256')
    .update(JSON.stringify([version, settings, file]))
    .update(`\0${text}`)
    .digest('hex');
  const known = await kept.get(key);
  if (known !== null) return known;
  const formatted = await formatAs(text, file, settings);
  await kept.keep(key, formatted);
  return formatted;
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

import { isReservedInSql } from './sql-keywords.ts';

/** The escapers that every template may call, one per language that text is put into. */
export interface TemplateHelpers {
  /** A TypeScript, JavaScript or JSON literal. Safe in source: no line separator or direction mark stays raw. */
  readonly json: (value: unknown) => string;
  /** An SQL string literal with its quotes. */
  readonly sqlLiteral: (value: string) => string;
  /** An SQL identifier: bare where SQL allows it, quoted otherwise. */
  readonly sqlIdent: (name: string) => string;
  /** Text inside a comment of any language we write (`//`, block, `--`, `#`): one line, no comment end. */
  readonly comment: (text: string) => string;
  /** Text inside Markdown: on one line, nothing in it is markup. */
  readonly md: (text: string) => string;
}

export const helpers: TemplateHelpers = { json, sqlLiteral, sqlIdent, comment, md };

// Direction marks can make source read otherwise than it runs (CVE-2021-42574); they stay, but visibly.
const HIDDEN = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function json(value: unknown): string {
  const text = JSON.stringify(value, null, 2) as string | undefined;
  if (text === undefined) throw new TypeError(`json() was given ${typeof value}, which JSON cannot hold`);
  return text.replace(HIDDEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function sqlLiteral(value: string): string {
  if (value.includes('\0')) throw new TypeError('an SQL string cannot hold a NUL character');
  const quoted = `'${value.replaceAll("'", "''")}'`;
  // Backslashes mean nothing in '...' but something in E'...': say which, whatever the server's settings are.
  return value.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

function sqlIdent(name: string): string {
  if (name === '' || name.includes('\0'))
    throw new TypeError('an SQL identifier needs at least one character');
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !isReservedInSql(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

function comment(text: string): string {
  return oneLine(text).replaceAll('*/', '* /').replaceAll('/*', '/ *');
}

function md(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>()#+\-.!|&$~]/g, (char) =>
    /[-.()!+]/.test(char) ? char : `\\${char}`,
  );
}

/** Control characters, line separators and direction marks become spaces. */
function oneLine(text: string): string {
  return text
    .replace(HIDDEN, ' ')
    .replace(/[\u0000-\u001f]+/g, ' ') // eslint-disable-line no-control-regex -- they are what is removed
    .trim();
}

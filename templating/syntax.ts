import vm from 'node:vm';

const TAG = /<%%|<%[-=_#]?|[-_]?%>/g;

/**
 * Finds the line of a template's syntax error, which EJS itself does not tell. The scriptlets are laid out on
 * the lines where they stand, and V8 says on which one it stops.
 */
export function syntaxErrorLine(text: string, error: unknown): { line: number; problem: string } {
  const fallback = error instanceof Error ? (error.message.split(' in ')[0] ?? error.message) : String(error);
  const { source, openLine } = scriptOf(text);
  if (openLine !== null) return { line: openLine, problem: 'this tag is never closed with %>' };
  try {
    new vm.Script(source, { filename: 'template' });
  } catch (syntax) {
    if (syntax instanceof SyntaxError) {
      const line = Number(/^template:(\d+)/.exec(syntax.stack ?? '')?.[1] ?? 1);
      return { line, problem: syntax.message };
    }
  }
  return { line: 1, problem: fallback };
}

/** JavaScript with the template's line numbers; `openLine` is the line of a tag that is never closed. */
function scriptOf(text: string): { source: string; openLine: number | null } {
  let source = '(function () {';
  let position = 0;
  let open: { kind: string; at: number } | null = null;
  for (const match of text.matchAll(TAG)) {
    const tag = match[0];
    if (tag === '<%%') continue;
    const between = text.slice(position, match.index);
    if (tag.startsWith('<')) {
      if (open !== null) break;
      source += newlines(between);
      open = { kind: tag, at: match.index };
    } else if (open !== null) {
      source += codeOf(open.kind, between);
      open = null;
    } else continue;
    position = match.index + tag.length;
  }
  if (open !== null) return { source, openLine: newlines(text.slice(0, open.at)).length + 1 };
  return { source: `${source}${newlines(text.slice(position))}})`, openLine: null };
}

function codeOf(kind: string, code: string): string {
  if (kind === '<%#') return newlines(code);
  return kind === '<%=' || kind === '<%-' ? `;(${code});` : code;
}

const newlines = (text: string): string => text.replace(/[^\n]/g, '');

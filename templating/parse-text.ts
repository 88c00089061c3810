import path from 'node:path';
import { loadAll } from 'js-yaml';
import { parse as parseSql } from 'libpg-query';
import { parse as parseNginx } from 'nginx-conf';
import ts from 'typescript';

/**
 * What a parser of its language says against a text, or `null`. The file's name says which language; HTML, CSS and
 * Markdown are prettier's, which has read them when they were rendered.
 */
export async function problemIn(file: string, text: string): Promise<string | null> {
  const parser = PARSERS.find(([name]) => name.test(path.basename(file)))?.[1];
  try {
    return (await parser?.(text)) ?? null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}

type Parser = (text: string) => string | null | Promise<string | null>;

const PARSERS: readonly (readonly [name: RegExp, parser: Parser])[] = [
  [/\.m?[jt]s$/, typescriptProblem],
  [/\.json$/, (text) => (JSON.parse(text) as unknown, null)],
  [/\.ya?ml$/, (text) => (loadAll(text), null)],
  [/\.sql$/, async (text) => (await parseSql(text), null)],
  [/\.conf$/, nginxProblem],
  [/(^|\.)Dockerfile$/, dockerfileProblem],
  [/^\.?env(\.|$)/, (text) => lineProblem(text, /^(#.*|[A-Z][A-Z0-9_]*=.*)?$/)],
  [/^\.?(git|docker)ignore$/, (text) => lineProblem(text, /^[^<>{}]*$/)],
];

function typescriptProblem(text: string): string | null {
  const { diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2024, experimentalDecorators: true },
  });
  const [first] = diagnostics;
  return first === undefined ? null : ts.flattenDiagnosticMessageText(first.messageText, ' ');
}

/** nginx-conf takes a missing brace without a word: a directive at the end must arrive at the top. */
function nginxProblem(text: string): string | null {
  let problem: string | null = null;
  parseNginx(`${text}\nend_of_file here;\n`, (error, tree) => {
    if (error) problem = error.message;
    else if (tree?.children?.at(-1)?.name !== 'end_of_file') problem = 'a brace is not closed';
  });
  return problem;
}

const INSTRUCTION =
  /^(FROM|RUN|CMD|LABEL|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)\s+\S/;

/** Every instruction is one that a Dockerfile has, and the first ones make an image to work in. */
function dockerfileProblem(text: string): string | null {
  const lines = text
    .replace(/^[ \t]*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const first = lines.find((line) => !line.startsWith('ARG '));
  if (first?.startsWith('FROM ') !== true) return 'a Dockerfile begins with FROM';
  const odd = lines.find((line) => !INSTRUCTION.test(line));
  return odd === undefined ? null : `this is no instruction of a Dockerfile: ${odd.slice(0, 60)}`;
}

function lineProblem(text: string, right: RegExp): string | null {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => !right.test(line));
  return at === -1 ? null : `line ${at + 1} is not one of such a file: ${(lines[at] ?? '').slice(0, 60)}`;
}

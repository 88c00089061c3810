import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ejs, { type TemplateFunction } from 'ejs';
import { helpers, type TemplateHelpers } from './helpers.ts';
import { findWorkspace, packageOf } from './roots.ts';
import { syntaxErrorLine } from './syntax.ts';

/** A template that cannot be rendered: which file, which line, and what is wrong there. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** As found: `templates/tool/x.ejs`, or `templates.local/tool/x.ejs` for an override. */
  readonly file: string;
  /** 1-based; 0 when the template itself cannot be read. */
  readonly line: number;
  readonly problem: string;
  constructor(file: string, line: number, problem: string, options?: { cause?: unknown }) {
    super(`${file}:${line}: ${problem}`, options);
    this.file = file;
    this.line = line;
    this.problem = problem;
  }
}

/** Where templates are looked up. */
export interface RenderOptions {
  /** Absolute path of the workspace; without it, that of the process's working directory. */
  readonly root?: string;
}

export type TemplateData = Readonly<Record<string, unknown>>;

/** What a template sees besides its data: the escapers, and `include(path, data?)` for a partial. */
export interface TemplateScope extends TemplateHelpers {
  readonly include: (templatePath: string, extra?: TemplateData) => string;
}

/**
 * Renders a template, such as `tool/manifest.json.ejs`; the path is below `templates/` and uses `/`. A file of
 * the same path in `templates.local/` wins.
 *
 * Strict: a variable that the data does not hold, and a value that is `undefined` or `null`, throw with file and
 * line instead of leaving a hole. Nothing is escaped for HTML: a template names the escaper that its own language
 * needs (`json`, `sqlIdent`, `sqlLiteral`, `comment`, `md`, see {@link TemplateHelpers}). Partials are
 * written `<%- include('tool/partial.ejs', { extra }) %>`, with a path below `templates/` as well.
 *
 * @throws TemplateError
 */
export function render(templatePath: string, data: TemplateData, options: RenderOptions = {}): string {
  const root = options.root ?? findWorkspace(process.cwd());
  const { file, text } = loadTemplate(templatePath, root);
  return renderText({ text, file, data, root });
}

/**
 * Renders template text that comes from elsewhere than the template folders, under the same rules as
 * {@link render}. `file` is only named in errors.
 * @throws TemplateError
 */
export function renderText(input: { text: string; file: string; data: TemplateData; root: string }): string {
  const { text, file, data, root } = input;
  const scope: TemplateScope = {
    ...helpers,
    include: (partial, extra) => render(partial, { ...data, ...extra }, { root }),
  };
  const locals: Record<string, unknown> = { ...scope, ...data, include: scope.include };
  const template = compileTemplate(text, file, Object.keys(locals));
  try {
    return template(locals);
  } catch (error) {
    // A partial's own error: EJS has wrapped the outer template's excerpt around its message.
    if (error instanceof TemplateError)
      throw new TemplateError(error.file, error.line, error.problem, { cause: error });
    throw located(error, file);
  }
}

/**
 * Compiles a template; `names` are the variables that it may use.
 * @throws TemplateError with the line of a syntax error
 */
export function compileTemplate(text: string, file: string, names: readonly string[]): TemplateFunction {
  try {
    // Named locals instead of `with`: an unknown name is a ReferenceError, and a global is no surprise.
    return ejs.compile(text, {
      filename: file,
      strict: true,
      destructuredLocals: [...names],
      escape: printable,
    });
  } catch (error) {
    const { line, problem } = syntaxErrorLine(text, error);
    throw new TemplateError(file, line, problem, { cause: error });
  }
}

/** The text of a template and where it was found, relative to the root. Overrides win. */
export function loadTemplate(templatePath: string, root: string): { file: string; text: string } {
  for (const folder of ['templates.local', 'templates'] as const) {
    const base = templateFolder(root, folder);
    const absolute = path.join(base, templatePath);
    if (!absolute.startsWith(base + path.sep)) break;
    if (existsSync(absolute))
      return {
        file: `${folder}/${templatePath}`,
        text: readFileSync(absolute, 'utf8').replaceAll('\r\n', '\n'),
      };
  }
  throw new TemplateError(`templates/${templatePath}`, 0, `there is no such template below ${root}`);
}

/** Absolute: templates come with the package, overrides belong to the workspace. */
export function templateFolder(root: string, folder: 'templates' | 'templates.local'): string {
  return path.join(folder === 'templates' ? packageOf(root) : root, folder);
}

/** `<%= x %>`: text, numbers and booleans only; a hole or an object in generated code is a mistake. */
function printable(value?: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const what = value === undefined || value === null ? String(value) : `a value of type ${typeof value}`;
  throw new TypeError(`<%= %> was given ${what}; expected text, a number or a boolean`);
}

/** EJS reports `file:line`, an excerpt, an empty line, then the reason. */
function located(error: unknown, file: string): TemplateError {
  const text = error instanceof Error ? error.message : String(error);
  const [head = '', ...rest] = text.split('\n');
  const line = Number(/:(\d+)$/.exec(head)?.[1] ?? 0);
  const reason = rest.join('\n').split('\n\n').at(-1)?.trim();
  return new TemplateError(file, line, reason === undefined || reason === '' ? text : reason, {
    cause: error,
  });
}

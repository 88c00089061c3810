import { PlatformError } from '../../contracts/errors.ts';
import { formatSource } from '../../templating/format.ts';
import { render } from '../../templating/render.ts';
import type { FileChange } from '../write/journal.ts';
import type { ToolFolder } from './tool-folder.ts';

/** Collects the changes of an addition, so that they are refused, shown or written together. */
export class Draft {
  readonly tool: ToolFolder;
  readonly #texts = new Map<string, string>();

  constructor(tool: ToolFolder) {
    this.tool = tool;
  }

  /** Creates a file from a template. @throws PlatformError `target-exists` when it exists */
  create(file: string, template: string, data: Readonly<Record<string, unknown>>): void {
    if (this.tool.isTaken(file))
      throw new PlatformError(
        'target-exists',
        `tools/${this.tool.id}/${file} exists already. Choose another name.`,
      );
    this.#texts.set(file, render(template, data, { root: this.tool.root }));
  }

  /** As {@link create}, for a file that several additions share; keeps an existing file. */
  ensure(file: string, template: string, data: Readonly<Record<string, unknown>>): string {
    const present = this.#texts.get(file) ?? this.tool.read(file);
    if (present !== null) return present;
    const text = render(template, data, { root: this.tool.root });
    this.#texts.set(file, text);
    return text;
  }

  /** Edits an existing file. @throws PlatformError `not-found` */
  edit(file: string, change: (text: string, path: string) => string): void {
    const path = `tools/${this.tool.id}/${file}`;
    const text = this.#texts.get(file) ?? this.tool.read(file);
    if (text === null)
      throw new PlatformError('not-found', `${path} does not exist, so nothing was added to the tool.`);
    this.#texts.set(file, change(text, path));
  }

  /** The collected changes, formatted, with the current text of each file. */
  async changes(): Promise<FileChange[]> {
    const { root, id } = this.tool;
    const changes: FileChange[] = [];
    for (const [file, text] of this.#texts) {
      const path = `tools/${id}/${file}`;
      changes.push({ path, before: this.tool.read(file), after: await formatSource(text, path, root) });
    }
    return changes;
  }
}

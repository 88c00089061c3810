import { PlatformError } from '../../contracts/errors.ts';
import { formatSource } from '../../templating/format.ts';
import { render } from '../../templating/render.ts';
import type { FileChange } from '../write/journal.ts';
import type { ToolFolder } from './tool-folder.ts';

/** Collects what an addition would write, so that all of it can be refused, shown or written as one. */
export class Draft {
  readonly tool: ToolFolder;
  readonly #texts = new Map<string, string>();

  constructor(tool: ToolFolder) {
    this.tool = tool;
  }

  /** A new file from a template. @throws PlatformError `target-exists` when it is there already */
  create(file: string, template: string, data: Readonly<Record<string, unknown>>): void {
    if (this.tool.isTaken(file))
      throw new PlatformError(
        'target-exists',
        `tools/${this.tool.id}/${file} exists already. Choose another name.`,
      );
    this.#texts.set(file, render(template, data, { root: this.tool.root }));
  }

  /** As {@link create}, for a file that several additions share: one that is there stays as it is. */
  ensure(file: string, template: string, data: Readonly<Record<string, unknown>>): string {
    const present = this.#texts.get(file) ?? this.tool.read(file);
    if (present !== null) return present;
    const text = render(template, data, { root: this.tool.root });
    this.#texts.set(file, text);
    return text;
  }

  /** Changes a file that has to be there. @throws PlatformError `not-found` */
  edit(file: string, change: (text: string, path: string) => string): void {
    const path = `tools/${this.tool.id}/${file}`;
    const text = this.#texts.get(file) ?? this.tool.read(file);
    if (text === null)
      throw new PlatformError('not-found', `${path} does not exist, so nothing was added to the tool.`);
    this.#texts.set(file, change(text, path));
  }

  /** Everything collected, formatted, beside what the tool has now. */
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

import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import Generator, { type BaseOptions } from 'yeoman-generator';
import { GeneratorError, asGeneratorError } from './generator-error.ts';
import { terminalReport, type Report } from './report.ts';
import { argumentsOf, behindYo } from './typed-arguments.ts';
import { commitTo } from './write/commit.ts';
import { recoverWrites, type FileChange } from './write/journal.ts';

export type ScaffoldingOptions = BaseOptions & {
  /** The arguments as typed, from a program of this package; under `yo` those of the process. */
  argv?: readonly string[];
  /** Whether to prompt; default: whether both ends are a terminal. */
  interactive?: boolean;
  /** Output; default: the terminal. */
  report?: Report;
};

/**
 * A generator that writes all files of a folder or none, through the in-memory file system and the conflict dialogue
 * of Yeoman.
 */
export class ScaffoldingGenerator extends Generator<Record<string, unknown>, ScaffoldingOptions> {
  protected readonly report: Report;
  /** Absolute; paths of files are relative to it. */
  protected root: string;
  /** Paths to overwrite without asking. */
  readonly #settled = new Set<string>();

  constructor(args: string[], options: ScaffoldingOptions) {
    super(args, options);
    this.report = options.report ?? terminalReport;
    this.root = this.env.cwd;
    // Suppresses 'An error occured while running ...', which Yeoman would log before our reason.
    Reflect.set(this, 'log', undefined);
    this.setFeatures({
      customInstallTask: true, // a tool has no package.json, and the installation of a workspace is reported
      customCommitTask: () =>
        this._guarded(() => commitTo({ root: this.root, environment: this.env, settled: this.#settled })),
    });
  }

  protected _useRoot(root: string): void {
    this.root = root;
    this.destinationRoot(root);
  }

  /** The arguments as typed. */
  protected _typed(): readonly string[] {
    return argumentsOf(this.options, this.args);
  }

  /** Runs a part of the generator; an error ends the process with its exit code and reason. */
  protected async _guarded<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asGeneratorError(error);
    }
  }

  /** Completes the write of a killed process. */
  protected _recover(): void {
    const { completed } = recoverWrites(this.root);
    if (completed.length > 0) this.report.say(`Completed an interrupted write: ${completed.length} files`);
  }

  /**
   * @param folder to write to; it may not exist yet
   * @param command of this package, which does the same
   * @throws GeneratorError when this process may not write to the folder, for example under `yo` as root
   */
  protected _assertWritable(folder: string, command: string): void {
    try {
      accessSync(existing(folder), constants.W_OK);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code === 'ENOENT') return;
      // `yo` drops root for user 1000 (its dependency downgrade-root).
      const why = behindYo() ? ' (yo drops root)' : '';
      throw new GeneratorError(
        `User ${process.getuid?.() ?? ''} may not write to ${this.root}${why}. Run instead: ${[command, ...this._typed()].join(' ')}`,
        3,
        error,
      );
    }
  }

  /**
   * Hands files to Yeoman, which asks before a file is overwritten that differs.
   * @param owned whether a file belongs to the generator, which overwrites it without a question
   */
  protected _stage(
    files: readonly FileChange[],
    { force, owned }: { readonly force: boolean; readonly owned: (file: string) => boolean },
  ): void {
    for (const file of files) {
      if (force || owned(file.path)) this.#settled.add(file.path);
      if (file.after !== null && file.before !== file.after)
        this.fs.write(this.destinationPath(file.path), file.after);
    }
  }

  protected _interactive(): boolean {
    return this.options.interactive ?? (process.stdin.isTTY && process.stdout.isTTY);
  }
}

/** The folder, or the nearest one above that exists. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(path.dirname(folder));
}

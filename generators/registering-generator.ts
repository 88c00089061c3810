import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import Generator, { type BaseOptions } from 'yeoman-generator';
import type { Manifest } from '../contracts/manifest.ts';
import { findWorkspace } from '../templating/roots.ts';
import { GeneratorError, asGeneratorError, notRegistered } from './generator-error.ts';
import { registerManifest } from './registration.ts';
import { terminalReport, type Report } from './report.ts';
import { argumentsOf, behindYo } from './typed-arguments.ts';
import { commitTo } from './write/commit.ts';

export type RegisteringOptions = BaseOptions & {
  /** The arguments as typed, from `create-tool`; under `yo` those of the process. */
  argv?: readonly string[];
  /** Whether to prompt; default: whether both ends are a terminal. */
  interactive?: boolean;
  /** Output; default: the terminal. */
  report?: Report;
};

/**
 * A generator that registers its tools. Writes all files or none, through the in-memory file system and the
 * conflict dialogue of Yeoman, and then posts the manifest.
 */
export class RegisteringGenerator extends Generator<Record<string, unknown>, RegisteringOptions> {
  protected readonly report: Report;
  protected readonly root: string;
  /** Paths to overwrite without asking. */
  protected readonly settled = new Set<string>();

  constructor(args: string[], options: RegisteringOptions) {
    super(args, options);
    this.report = options.report ?? terminalReport;
    this.root = rootOf(this.env.cwd);
    this.destinationRoot(this.root);
    // Suppresses 'An error occured while running ...', which Yeoman would log before our reason.
    Reflect.set(this, 'log', undefined);
    this.setFeatures({
      customInstallTask: true, // a tool has no package.json to install
      customCommitTask: () =>
        this._guarded(() => commitTo({ root: this.root, environment: this.env, settled: this.settled })),
    });
  }

  /** Runs a part of the generator; an error ends the process with its exit code and reason. */
  protected async _guarded<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asGeneratorError(error);
    }
  }

  /** @throws GeneratorError when this process may not write to the repository, for example under `yo` as root */
  protected _assertWritable(): void {
    try {
      accessSync(path.join(this.root, 'tools'), constants.W_OK);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code === 'ENOENT') return;
      // `yo` drops root for user 1000 (its dependency downgrade-root).
      const why = behindYo() ? ' (yo drops root)' : '';
      const typed = argumentsOf(this.options, this.args).join(' ');
      throw new GeneratorError(
        `User ${process.getuid?.() ?? ''} may not write to ${this.root}${why}. Run instead: npx create-tool ${typed}`,
        3,
        error,
      );
    }
  }

  /**
   * Registers the tool. The files stay when the registry does not answer.
   * @throws GeneratorError made by {@link notRegistered}
   */
  protected async _register(manifest: Manifest): Promise<void> {
    try {
      await registerManifest(manifest, this.root);
    } catch (error) {
      throw notRegistered(error, manifest.id);
    }
    this.report.say(`✅ Tool registered with ID: ${manifest.id}`);
  }
}

function rootOf(cwd: string): string {
  try {
    return findWorkspace(cwd);
  } catch (error) {
    throw new GeneratorError(error instanceof Error ? error.message : String(error), 2, error);
  }
}

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import Generator, { type BaseOptions } from 'yeoman-generator';
import type { Manifest } from '../contracts/manifest.ts';
import { findRepositoryRoot } from '../templating/repository-root.ts';
import { GeneratorError, asGeneratorError, notRegistered } from './generator-error.ts';
import { registerManifest } from './registration.ts';
import { terminalReport, type Report } from './report.ts';
import { argumentsOf, behindYo } from './door.ts';
import { commitTo } from './write/commit.ts';

export type RegisteringOptions = BaseOptions & {
  /** The arguments as typed, from `create-tool`; `yo` leaves them in the process's own. */
  argv?: readonly string[];
  /** Whether there is somebody to ask; without it, whether both ends are a terminal. */
  interactive?: boolean;
  /** Where it speaks; the terminal without one. */
  report?: Report;
};

/**
 * A generator whose tools end up in the registry. It writes all of its files or none, through Yeoman's in-memory
 * file system and its conflict dialogue, and posts the manifest afterwards.
 */
export class RegisteringGenerator extends Generator<Record<string, unknown>, RegisteringOptions> {
  protected readonly report: Report;
  protected readonly root: string;
  /** Paths that may be written over without asking. */
  protected readonly settled = new Set<string>();

  constructor(args: string[], options: RegisteringOptions) {
    super(args, options);
    this.report = options.report ?? terminalReport;
    this.root = rootOf(this.env.cwd);
    this.destinationRoot(this.root);
    // Yeoman would log 'An error occured while running ...' above the reason that we give.
    Reflect.set(this, 'log', undefined);
    this.setFeatures({
      customInstallTask: true, // nothing to install: a tool has no package.json of its own
      customCommitTask: () =>
        this._guarded(() => commitTo({ root: this.root, environment: this.env, settled: this.settled })),
    });
  }

  /** Runs a part of the generator; what goes wrong in it ends the program with our exit code and reason. */
  protected async _guarded<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asGeneratorError(error);
    }
  }

  /** @throws GeneratorError when this process may not write to the repository, as when root has started `yo` */
  protected _assertWritable(): void {
    try {
      accessSync(path.join(this.root, 'tools'), constants.W_OK);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code === 'ENOENT') return;
      // Started by root, `yo` runs on as user 1000 (its dependency downgrade-root).
      const why = behindYo() ? ' (yo gives up the rights of root)' : '';
      const typed = argumentsOf(this.options, this.args).join(' ');
      throw new GeneratorError(
        `User ${process.getuid?.() ?? ''} may not write to ${this.root}${why}. Run instead: npx create-tool ${typed}`,
        3,
        error,
      );
    }
  }

  /**
   * Tells the registry. The files stay when it cannot be reached.
   * @throws GeneratorError as {@link notRegistered} makes it
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
    return findRepositoryRoot(cwd);
  } catch (error) {
    throw new GeneratorError(error instanceof Error ? error.message : String(error), 2, error);
  }
}

import path from 'node:path';
import type { Manifest } from '../contracts/manifest.ts';
import { findWorkspace } from '../templating/roots.ts';
import { GeneratorError, notRegistered } from './generator-error.ts';
import { registerManifest } from './registration.ts';
import { ScaffoldingGenerator, type ScaffoldingOptions } from './scaffolding-generator.ts';

/** A generator that posts the manifest of a tool after it has written the files, in the workspace of its folder. */
export class RegisteringGenerator extends ScaffoldingGenerator {
  constructor(args: string[], options: ScaffoldingOptions) {
    super(args, options);
    this._useRoot(rootOf(this.env.cwd));
  }

  /** @throws GeneratorError when this process may not write to the repository, for example under `yo` as root */
  protected _assertToolsWritable(): void {
    this._assertWritable(path.join(this.root, 'tools'), 'npx create-tool');
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

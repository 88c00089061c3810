import { findTools, misnamedFolders, readManifest, type ToolFolder } from './read-tools.ts';
import { sharedWith } from '../../../contracts/declared-tables.ts';
import type { Manifest } from '../../../contracts/manifest.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';

export interface RegisterMissingOptions {
  readonly root: string;
  readonly registered: () => Promise<ReadonlySet<string>>;
  readonly register: (manifest: Manifest) => Promise<void>;
  readonly logger: ToolLogger;
}

/**
 * Registers the tools of `tools/` that the registry does not have, so that a fresh clone starts complete. Logs and skips
 * tools with an invalid manifest or name. Returns the registered ids.
 */
export async function registerMissing(options: RegisterMissingOptions): Promise<readonly string[]> {
  for (const { name, problem } of await misnamedFolders(options.root))
    options.logger.error(
      { tool: name },
      `tools/${name} is not served: its name ${problem}. Rename the folder and the id in its manifest.`,
    );
  const known = await options.registered();
  const manifests: Manifest[] = [];
  for (const tool of await findTools(options.root)) {
    const manifest = known.has(tool.id) ? null : await readOne(tool, options);
    if (manifest !== null) manifests.push(manifest);
  }
  const added: string[] = [];
  // A tool that uses a shared table is accepted once the registry knows of the sharing
  for (const manifest of manifests.toSorted((a, b) => Number(shares(b)) - Number(shares(a))))
    if (await registerOne(manifest, options)) added.push(manifest.id);
  return added;
}

const shares = ({ databaseSchema }: Manifest): boolean =>
  databaseSchema.tables.some((table) => sharedWith(table).length > 0);

async function readOne(tool: ToolFolder, { logger }: RegisterMissingOptions): Promise<Manifest | null> {
  try {
    return await readManifest(tool);
  } catch (err) {
    logger.error({ err, tool: tool.id }, 'tool could not be registered');
    return null;
  }
}

async function registerOne(manifest: Manifest, options: RegisterMissingOptions): Promise<boolean> {
  const { register, logger } = options;
  try {
    await register(manifest);
    logger.info({ tool: manifest.id }, 'tool registered');
    return true;
  } catch (err) {
    logger.error({ err, tool: manifest.id }, 'tool could not be registered');
    return false;
  }
}

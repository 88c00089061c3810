import { readManifest, findTools, type ToolFolder } from './read-tools.ts';
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
 * tools with an invalid manifest. Returns the registered ids.
 */
export async function registerMissing(options: RegisterMissingOptions): Promise<readonly string[]> {
  const known = await options.registered();
  const added: string[] = [];
  for (const tool of await findTools(options.root))
    if (!known.has(tool.id) && (await registerOne(tool, options))) added.push(tool.id);
  return added;
}

async function registerOne(tool: ToolFolder, { register, logger }: RegisterMissingOptions): Promise<boolean> {
  try {
    await register(await readManifest(tool));
    logger.info({ tool: tool.id }, 'tool registered');
    return true;
  } catch (err) {
    logger.error({ err, tool: tool.id }, 'tool could not be registered');
    return false;
  }
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PlatformError } from '../contracts/errors.ts';
import type { Manifest } from '../contracts/manifest.ts';
import { LIVENESS_PATH } from '../contracts/platform-addresses.ts';
import { parseSettings, type Settings } from '../contracts/settings.ts';
import type { RegistryTool } from '../contracts/tool.ts';
import { createRegistryClient, type RegistryClient } from '../registry-api/client.ts';

export type Registration = 'registered' | 'updated' | 'unchanged';

/**
 * Registers a tool or updates its registration from its manifest. Safe to call twice.
 * @throws PlatformError `registry-unreachable` when the registry does not answer, else its refusal
 */
export async function registerManifest(manifest: Manifest, root: string): Promise<Registration> {
  const client = registryClient(root);
  try {
    await client.register(manifest);
    return 'registered';
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'tool-exists') throw error;
  }
  const { tool, etag } = await client.get(manifest.id);
  if (says(tool, manifest)) return 'unchanged';
  await client.update(manifest.id, manifest, { ifMatch: etag });
  return 'updated';
}

/** The registry of the platform of this workspace. */
export function registryClient(root: string): RegistryClient {
  const settings = parseSettings(process.env);
  const { token } = settings;
  return createRegistryClient({ baseUrl: platformAddress(root, settings), ...(token ? { token } : {}) });
}

/** The address of the platform of this workspace; `null` when none answers. */
export async function answeringPlatform(root: string): Promise<string | null> {
  const url = platformAddress(root, parseSettings(process.env));
  const answer = await fetch(`${url}${LIVENESS_PATH}`, { signal: AbortSignal.timeout(2_000) }).catch(
    () => null,
  );
  return answer?.ok === true ? url : null;
}

/** The address in the run file of the platform; without one, the address by the settings. */
function platformAddress(root: string, settings: Settings): string {
  const file = path.join(path.resolve(root, settings.stateDir), 'run', 'platform.json');
  try {
    const { pid, port } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; port: number };
    process.kill(pid, 0);
    return `http://127.0.0.1:${port}`;
  } catch {
    return `http://127.0.0.1:${settings.port}`; // no such file, or a stale one after a crash
  }
}

function says(tool: RegistryTool, { id, ...manifest }: Manifest): boolean {
  const shown: Record<string, unknown> = { ...tool };
  return (
    tool.toolId === id &&
    Object.entries(manifest).every(([key, value]) => isDeepStrictEqual(shown[key], value))
  );
}

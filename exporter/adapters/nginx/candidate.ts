import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GatewayFiles } from '../../core/infrastructure-ports.ts';

/**
 * Runs `work` on a copy of the repository's `gateway/` folder with `files` added. The copy is below the state folder
 * and is deleted afterwards.
 */
export async function withCandidate<T>(
  place: { readonly root: string; readonly stateDir: string; readonly files: GatewayFiles },
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const base = path.resolve(place.root, place.stateDir, 'gateway-candidates');
  await mkdir(base, { recursive: true });
  const folder = await mkdtemp(`${base}/`);
  try {
    await chmod(folder, 0o755); // nginx in a container runs as another user
    await cp(path.join(place.root, 'gateway'), folder, { recursive: true });
    for (const [file, text] of Object.entries(place.files)) {
      const target = path.join(folder, path.relative('gateway', file));
      if (text === null) await rm(target, { force: true });
      else {
        await mkdir(path.dirname(target), { recursive: true });
        await writeFile(target, text);
      }
    }
    return await work(folder);
  } finally {
    // Not its parent: exports of other tools keep their candidates there
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbedded, stopCluster } from '../registry-api/store/embedded/index.ts';

export interface ScratchServer {
  readonly url: string;
  /** Stops the server and deletes its data. */
  close(): Promise<void>;
}

/** A PostgreSQL of its own for tests that are given an address. */
export async function startScratchServer(): Promise<ScratchServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tool-tests-'));
  await chmod(folder, 0o755); // the server's user must get in when root runs the tests
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const url = await startEmbedded(folder);
    return {
      url,
      async close() {
        await stopCluster(folder);
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

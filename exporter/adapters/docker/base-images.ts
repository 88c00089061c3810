import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Settings } from '../../../contracts/settings.ts';
import { isMissing, statusOf } from './engine.ts';

/** Whether an image is available: present on the engine, in its registry, or neither, with the reason. */
export type BaseImage =
  | { readonly name: string; readonly state: 'present' | 'pullable'; readonly digest: string }
  | { readonly name: string; readonly state: 'refused' | 'unreachable'; readonly reason: string };

interface Distribution {
  readonly Descriptor: { readonly digest: string };
}

const REGISTRY_TIMEOUT_MS = 8_000;

/** Looks for every base image of an export. Pulls nothing: the engine only asks the registry for absent images. */
export function lookForBaseImages(engine: Docker, images: Settings['images']): Promise<readonly BaseImage[]> {
  return Promise.all([...new Set(Object.values(images))].map((name) => lookFor(engine, name)));
}

async function lookFor(engine: Docker, name: string): Promise<BaseImage> {
  try {
    const { RepoDigests, Id } = await engine.getImage(name).inspect();
    // An image that was built here has no digest of a registry, and is identified by its id
    return { name, state: 'present', digest: RepoDigests[0]?.split('@')[1] ?? Id };
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    const late = delay(REGISTRY_TIMEOUT_MS, 'late', { ref: false });
    const found = await Promise.race([engine.getImage(name).distribution(), late]);
    if (found === 'late')
      throw new Error(`its registry did not answer within ${REGISTRY_TIMEOUT_MS / 1000} s`);
    return { name, state: 'pullable', digest: (found as Distribution).Descriptor.digest };
  } catch (error) {
    // 401 and 403: the registry answers; whether it has the image for a signed-in user is unknown
    const state = [401, 403].includes(statusOf(error) ?? 0) ? 'refused' : 'unreachable';
    return { name, state, reason: reasonOf(error) };
  }
}

/** The engine's message, without the request around it. */
function reasonOf(error: unknown): string {
  const body = (error as { json?: { message?: string } | null }).json?.message;
  const text = body ?? (error instanceof Error ? error.message : String(error));
  return text.split('\n')[0]?.trim() ?? text;
}

import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PlatformError } from '../../../contracts/errors.ts';
import type { CreateToolRouter } from '../../../contracts/tool-context.ts';
import type { ToolFolder } from './read-tools.ts';

const LOAD_TIMEOUT_MS = 15_000;
const QUERY = 'load';
const loads = new Map<string, number>();
let hooked = false;

/**
 * Imports `backend/index.ts` of a tool from disk. Every later call reloads all modules of the tool's folder; modules
 * outside the folder are shared with the platform.
 * @throws PlatformError with file and line.
 */
export async function loadBackend(tool: ToolFolder): Promise<CreateToolRouter> {
  const entry = path.join(tool.folder, 'backend', 'index.ts');
  if (!existsSync(entry))
    throw new PlatformError(
      'step-failed',
      `tools/${tool.id}/backend/index.ts is missing. It must export createRouter(context) as its default.`,
    );
  const count = loads.get(tool.folder) ?? 0;
  loads.set(tool.folder, count + 1);
  const url = pathToFileURL(entry);
  if (count > 0) {
    hookReloads();
    url.searchParams.set(QUERY, String(count));
  }
  const module = await withTimeout(tool, import(url.href) as Promise<{ default?: unknown }>);
  if (typeof module.default !== 'function')
    throw new PlatformError(
      'step-failed',
      `tools/${tool.id}/backend/index.ts has no default export createRouter(context).`,
    );
  return module.default as CreateToolRouter;
}

async function withTimeout<T>(tool: ToolFolder, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new PlatformError(
          'step-failed',
          `tools/${tool.id}/backend/index.ts did not load within ${LOAD_TIMEOUT_MS / 1000} seconds: ` +
            'a top-level await in one of its modules does not settle.',
        ),
      );
    }, LOAD_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Passes the load number of a reloaded module on to the modules that it imports from its own tool. */
function hookReloads(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const load = context.parentURL?.startsWith('file:')
        ? new URL(context.parentURL).searchParams.get(QUERY)
        : null;
      if (load === null || context.parentURL === undefined) return resolved;
      const folder = /^.*\/tools\/[^/]+\//.exec(new URL(context.parentURL).pathname)?.[0];
      const url = URL.canParse(resolved.url) ? new URL(resolved.url) : null;
      if (folder === undefined || url?.protocol !== 'file:' || !url.pathname.startsWith(folder))
        return resolved;
      url.searchParams.set(QUERY, load);
      return { ...resolved, url: url.href };
    },
  });
}

/** The message of an error thrown while loading, with the file and line of the tool. */
export function describeLoadError(root: string, error: unknown): string {
  if (error instanceof PlatformError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const base = pathToFileURL(`${root}${path.sep}`).href;
  const place = (error.stack ?? '')
    .split('\n')
    .map((line) => /(file:\/\/\S+?)(?:\?load=\d+)?(:\d+)(?::\d+)?\)?$/.exec(line.trim()))
    .find((match) => match?.[1]?.startsWith(`${base}tools/`));
  const where = place ? `${decodeURIComponent((place[1] ?? '').slice(base.length))}${place[2] ?? ''}: ` : '';
  return (
    where +
    error.message
      .replaceAll(base, '')
      .replaceAll(`${root}${path.sep}`, '')
      .replace(/\?load=\d+/g, '')
  );
}

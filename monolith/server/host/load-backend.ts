import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PlatformError } from '../../../contracts/errors.ts';
import type { CreateToolRouter } from '../../../contracts/tool-context.ts';
import type { ToolFolder } from './read-tools.ts';

const LOAD_TIMEOUT_MS = 15_000;

/**
 * Imports `backend/index.ts` of a tool. Changed files need a new process.
 * @throws PlatformError
 */
export async function loadBackend(tool: ToolFolder): Promise<CreateToolRouter> {
  const entry = path.join(tool.folder, 'backend', 'index.ts');
  if (!existsSync(entry))
    throw new PlatformError(
      'step-failed',
      `tools/${tool.id}/backend/index.ts is missing. It must export createRouter(context) as its default.`,
    );
  const module = await withTimeout(tool, import(pathToFileURL(entry).href) as Promise<{ default?: unknown }>);
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

/** The message of an error thrown while loading, with the file and line of the tool. */
export function describeLoadError(root: string, error: unknown): string {
  if (error instanceof PlatformError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const base = pathToFileURL(`${root}${path.sep}`).href;
  const place = (error.stack ?? '')
    .split('\n')
    .map((line) => /(file:\/\/\S+?)(:\d+)(?::\d+)?\)?$/.exec(line.trim()))
    .find((match) => match?.[1]?.startsWith(`${base}tools/`));
  const where = place ? `${decodeURIComponent((place[1] ?? '').slice(base.length))}${place[2] ?? ''}: ` : '';
  return where + error.message.replaceAll(base, '').replaceAll(`${root}${path.sep}`, '');
}

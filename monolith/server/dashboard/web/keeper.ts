import { toolsWithFrontend } from './tool-loaders.ts';
import { currentBuild } from './builds.ts';
import { buildWeb, type WebBuildOptions } from '../web-builder.ts';

/** What a page may want to know of the dashboard's own build. */
export interface WebState {
  /** Digest of what is served; `null` before the first build. */
  readonly id: string | null;
  readonly building: boolean;
  readonly tools: readonly string[];
  readonly problems: Readonly<Record<string, string>>;
  /** Why the newest build failed; the one before it is served. */
  readonly error: string | null;
}

/** Keeps the dashboard's build up to date in the background. */
export interface WebKeeper {
  /** Says that tools may have changed. Returns at once; several calls in a row make one build. */
  refresh(): void;
  /** Resolves when no build is running or waiting. Never rejects. */
  idle(): Promise<void>;
  state(): Promise<WebState>;
  /** Stops a running build. */
  close(): Promise<void>;
}

/**
 * Builds now if something has changed, and again after every {@link WebKeeper.refresh}. A failing build is
 * logged and shown in the state; it never throws.
 */
export function ensureWeb(options: Omit<WebBuildOptions, 'signal'>): WebKeeper {
  const stop = new AbortController();
  let running: Promise<void> | null = null;
  let again = false;
  let error: string | null = null;

  const build = async (): Promise<void> => {
    do {
      again = false;
      try {
        await buildWeb({ ...options, signal: stop.signal });
        error = null;
      } catch (cause) {
        if (stop.signal.aborted) return;
        error = cause instanceof Error ? cause.message : String(cause);
        options.log.error({ err: cause }, 'dashboard not built; the one before stays in place');
      }
    } while (again as boolean);
  };

  const refresh = (): void => {
    if (stop.signal.aborted) return;
    again = true;
    running ??= build().finally(() => (running = null));
  };

  refresh();
  return {
    refresh,
    idle: async () => {
      while (running !== null) await running;
    },
    state: async () => {
      const current = await currentBuild(options.outDir);
      return {
        id: current?.id ?? null,
        building: running !== null,
        tools: current?.tools ?? (await toolsWithFrontend(options.root)),
        problems: current?.problems ?? {},
        error,
      };
    },
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

import { toolsWithFrontend } from './tool-loaders.ts';
import { currentBuild } from './builds.ts';
import { buildWeb, type WebBuildOptions } from '../web-builder.ts';

/** State of the dashboard build, for its pages. */
export interface WebState {
  /** Digest of the served build; `null` before the first one. */
  readonly id: string | null;
  readonly building: boolean;
  readonly tools: readonly string[];
  readonly problems: Readonly<Record<string, string>>;
  /** Error of the newest build; the previous build is then served. */
  readonly error: string | null;
}

/** Keeps the dashboard's build up to date in the background. */
export interface WebKeeper {
  /** Call when tools may have changed. Returns at once; several calls are debounced to one build. */
  refresh(): void;
  /** Resolves when no build is running or waiting. Never rejects. */
  idle(): Promise<void>;
  state(): Promise<WebState>;
  /** Stops a running build. */
  close(): Promise<void>;
}

/**
 * Builds now if an input has changed, and again after every {@link WebKeeper.refresh}. Logs a failed build and
 * shows it in the state; never throws.
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
        options.log.error({ err: cause }, 'the dashboard build failed; the previous build is served');
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

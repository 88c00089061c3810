import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { PlatformError } from '../../../contracts/errors.ts';
import { shellOf } from '../../../templating/roots.ts';
import { withLockFile } from '../../../registry-api/store/lock-file.ts';
import { blamedTools, runAngularBuild } from './web/angular-build.ts';
import { currentBuild, publishBuild, reuseBuild, type WebBuild } from './web/builds.ts';
import { readBrand } from './web/brand.ts';
import { hashInputs } from './web/inputs.ts';
import { toolsWithFrontend, writeToolLoaders } from './web/tool-loaders.ts';

/** Waits this long for another build, which may be slow. */
const LOCK_PATIENCE_MS = 5 * 60_000;

export interface WebBuildOptions {
  /** Absolute path of the workspace. */
  readonly root: string;
  /** Folder of the builds: `<outDir>/current` is a link to the newest. */
  readonly outDir: string;
  readonly log: ToolLogger;
  readonly signal?: AbortSignal;
}

export interface WebBuildResult {
  readonly ms: number;
  readonly build: WebBuild;
  /** True when no input has changed since an existing build. */
  readonly skipped: boolean;
}

/**
 * Builds the dashboard with the frontends of all tools and replaces the previous build atomically:
 * `<outDir>/current` is always one complete build.
 *
 * A tool that does not compile is left out, and its page shows the error. Does nothing when no input has changed,
 * and reuses an earlier build with the same inputs.
 * @throws PlatformError `step-failed` when the shell itself does not compile; the previous build is unchanged.
 */
export async function buildWeb(options: WebBuildOptions): Promise<WebBuildResult> {
  const { root, outDir, log, signal } = options;
  const started = performance.now();
  await mkdir(outDir, { recursive: true });
  // Builds in one working tree share the generated list of tools and the compiler cache, so they run one at a
  // time
  const cache = join(root, shellOf(root), '.angular');
  await mkdir(cache, { recursive: true });
  const buildOrKeep = async (): Promise<WebBuildResult> => {
    const id = await hashInputs(root);
    const before = await currentBuild(outDir);
    const same = before?.id === id ? before : await reuseBuild(outDir, id);
    if (same !== null) return { ms: Math.round(performance.now() - started), build: same, skipped: true };

    const staging = join(outDir, `.staging-${process.pid}`);
    try {
      const { tools, problems } = await buildWithoutBroken(options, staging);
      const build: WebBuild = { id, tools, problems };
      await publishBuild(outDir, join(staging, 'browser'), build);
      const ms = Math.round(performance.now() - started);
      log.info({ ms, tools: tools.length, left_out: Object.keys(problems) }, 'dashboard built');
      return { ms, build, skipped: false };
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  };
  return withLockFile(join(cache, 'build.lock'), buildOrKeep, {
    patienceMs: LOCK_PATIENCE_MS,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Builds into `staging`; leaves out tools that break the build, one round at a time. */
async function buildWithoutBroken(
  { root, log, signal }: WebBuildOptions,
  staging: string,
): Promise<Omit<WebBuild, 'id'>> {
  const all = await toolsWithFrontend(root);
  const { problem } = await readBrand(root);
  if (problem !== null) log.warn({ problem }, 'the dashboard has no logo of its own');
  const problems: Record<string, string> = {};
  for (;;) {
    const tools = all.filter((tool) => !(tool in problems));
    await writeToolLoaders(root, tools, problems);
    const result = await runAngularBuild(root, staging, signal);
    if (result.ok) return { tools, problems };

    const blamed = blamedTools(result.output, tools);
    if (Object.keys(blamed).length === 0)
      throw new PlatformError(
        'step-failed',
        `${shellOf(root)} does not compile. Correct what is named, then start the platform again.\n${result.output}`,
      );
    for (const tool of Object.keys(blamed))
      log.warn({ tool, problem: blamed[tool] }, 'frontend does not compile');
    Object.assign(problems, blamed);
  }
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { PlatformError } from '../../../contracts/errors.ts';
import type { Settings } from '../../../contracts/settings.ts';
import { projectNameOf } from '../docker/project.ts';
import { serviceUser } from '../docker/service-user.ts';
import { findCompose, likelyCompose } from './compose-command.ts';

export interface ComposeRun {
  /** Absolute path of the repository: the base of every path in the file, and the project's name. */
  readonly root: string;
  readonly settings: Settings;
  /** Text of the compose file, written or planned. */
  readonly text: string;
  readonly args: readonly string[];
  /** Variables of the file in addition to the settings. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
}

const LAST_LINES = 20;

/** @throws PlatformError `engine-unavailable` without compose, `step-failed` with compose's last lines. */
export async function runCompose({
  root,
  settings,
  text,
  args,
  variables,
  signal,
}: ComposeRun): Promise<void> {
  const compose = await likelyCompose();
  const base = path.resolve(root, settings.stateDir, 'compose');
  await mkdir(base, { recursive: true });
  const folder = await mkdtemp(`${base}/`);
  try {
    const file = path.join(folder, 'docker-compose.yml');
    await writeFile(file, compose.command === 'docker' ? text : withoutName(text));
    const { execa } = await import('execa'); // Loaded at first use: every command would start a tenth later
    const result = await execa(
      compose.command,
      [
        ...compose.args,
        '--project-name',
        projectNameOf(root),
        '--project-directory',
        root,
        '--file',
        file,
        ...args,
      ],
      {
        cwd: root,
        env: { ...composeVariables(settings), ...variables },
        reject: false,
        all: true,
        cancelSignal: signal,
      },
    );
    signal.throwIfAborted();
    if (!result.failed) return;
    if ((await findCompose()) === null)
      throw new PlatformError(
        'engine-unavailable',
        'Neither "docker compose" nor "docker-compose" works here. Install one of them, or use --runtime=local.',
      );
    throw new PlatformError(
      'step-failed',
      `${compose.command} ${[...compose.args, ...args].join(' ')} failed:\n${result.all.split('\n').slice(-LAST_LINES).join('\n')}`,
    );
  } finally {
    // Not the parent folder: exports of other tools keep files there
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Compose 1 does not know `name`; the project is named on the command line. */
function withoutName(text: string): string {
  const document = parseDocument(text);
  return document.delete('name') ? document.toString() : text;
}

/** Variables of the compose file that come from the settings. */
function composeVariables(settings: Settings): Readonly<Record<string, string>> {
  const { uid, gid } = serviceUser();
  return {
    PLATFORM_UID: String(uid),
    PLATFORM_GID: String(gid),
    PLATFORM_NODE_IMAGE: settings.images.node,
    PLATFORM_POSTGRES_IMAGE: settings.images.postgres,
    PLATFORM_NGINX_IMAGE: settings.images.nginx,
    PLATFORM_STATE_DIR: settings.stateDir,
    PLATFORM_SERVICE_URL: `http://host.docker.internal:${settings.port}`,
  };
}

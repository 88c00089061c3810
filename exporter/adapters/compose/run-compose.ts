import { parseDocument } from 'yaml';
import { PlatformError } from '../../../contracts/errors.ts';
import { COMPOSE_FILE } from '../../../contracts/naming.ts';
import { projectNameOf } from '../docker/project.ts';
import { findCompose, likelyCompose } from './compose-command.ts';
import { onlyServices } from './only-services.ts';

export interface ComposeRun {
  /** Absolute path of the repository: the base of every path in the file, and the project's name. */
  readonly root: string;
  /** Text of the compose file, written or planned. */
  readonly text: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
}

const LAST_LINES = 20;

/**
 * Runs compose on a text.
 * @throws PlatformError `engine-unavailable` without compose, `step-failed` with compose's last lines.
 */
export async function runCompose(run: ComposeRun): Promise<void> {
  const { command } = await likelyCompose();
  await compose(run, { file: '-', input: command === 'docker' ? run.text : withoutName(run.text) });
}

/**
 * Starts services of the compose file of the repository, with images that exist, and without their dependencies. The
 * containers' labels name that file, where compose gives them such a label.
 * @throws PlatformError as {@link runCompose}
 */
export async function startServices(options: {
  readonly root: string;
  /** Text of that file. */
  readonly text: string;
  readonly services: readonly string[];
  readonly signal: AbortSignal;
}): Promise<void> {
  const { services, text, ...place } = options;
  const run = { ...place, text, args: ['up', '--detach', '--no-deps', '--no-build', ...services] };
  const { command } = await likelyCompose();
  if (command === 'docker') await compose(run, { file: COMPOSE_FILE, input: '' });
  // Version 1 would create every volume and network of the file, and labels no container with its path
  else await runCompose({ ...run, text: onlyServices(text, services) });
}

interface Source {
  /** Relative to the repository; `-`: the input. */
  readonly file: string;
  readonly input: string;
}

async function compose({ root, text, args, signal }: ComposeRun, { file, input }: Source): Promise<void> {
  const found = await likelyCompose();
  const project = ['--project-name', projectNameOf(root), '--project-directory', root, '--file', file];
  const { execa } = await import('execa'); // Loaded at first use: every command would start a tenth later
  const result = await execa(found.command, [...found.args, ...project, ...args], {
    cwd: root,
    // The file alone decides, as it does in every other shell
    env: Object.fromEntries(variablesIn(text).map((name) => [name, undefined])),
    input,
    reject: false,
    all: true,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  if (!result.failed) return;
  if ((await findCompose()) === null)
    throw new PlatformError(
      'engine-unavailable',
      'Neither "docker compose" nor "docker-compose" works here. Install one of them, or use --runtime=local.',
    );
  throw new PlatformError(
    'step-failed',
    `${found.command} ${[...found.args, ...args].join(' ')} failed:\n${result.all.split('\n').slice(-LAST_LINES).join('\n')}`,
  );
}

const variablesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\$\{?([a-z_]\w*)/gi)].flatMap(([, name]) => name ?? []);

/** Compose 1 does not know `name`; the project is named on the command line. */
function withoutName(text: string): string {
  const document = parseDocument(text);
  return document.delete('name') ? document.toString() : text;
}

import { execa } from 'execa';

/** How compose is called on this machine: the plugin of version 2, or the program of version 1. */
export interface ComposeCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
}

/** `null`: neither is installed. */
export async function findCompose(): Promise<ComposeCommand | null> {
  for (const [command, args] of [
    ['docker', ['compose']],
    ['docker-compose', []],
  ] as const) {
    const result = await execa(command, [...args, 'version', '--short'], { reject: false });
    if (!result.failed) return { command, args, version: result.stdout.trim() };
  }
  return null;
}

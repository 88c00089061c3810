/** How to call compose. */
export interface ComposeCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** The plugin of version 2. */
const PLUGIN: ComposeCommand = { command: 'docker', args: ['compose'] };
/** The program of version 1, and of version 2 where it is no plugin. */
const PROGRAM: ComposeCommand = { command: 'docker-compose', args: [] };

/** How compose is called on this machine, and its version. `null`: neither is installed. */
export async function findCompose(): Promise<(ComposeCommand & { readonly version: string }) | null> {
  for (const compose of [PLUGIN, PROGRAM]) {
    const version = await versionOf(compose);
    if (version !== null) return { ...compose, version };
  }
  return null;
}

/** The plugin where it is installed, else the program, installed or not: its version alone takes half a second. */
export async function likelyCompose(): Promise<ComposeCommand> {
  return (await versionOf(PLUGIN)) === null ? PROGRAM : PLUGIN;
}

/** Versions by command and `PATH`: they do not change while a command runs. */
const versions = new Map<string, Promise<string | null>>();

function versionOf({ command, args }: ComposeCommand): Promise<string | null> {
  const key = `${command} ${process.env['PATH'] ?? ''}`;
  const known = versions.get(key) ?? readVersion(command, args);
  versions.set(key, known);
  return known;
}

async function readVersion(command: string, args: readonly string[]): Promise<string | null> {
  const { execa } = await import('execa'); // Loaded at first use: every command would start a tenth later
  const result = await execa(command, [...args, 'version', '--short'], { reject: false });
  return result.failed ? null : result.stdout.trim();
}

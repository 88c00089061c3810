import { parseFlags } from '../../../contracts/command-line.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { stopEmbedded } from '../../../registry-api/store/embedded/index.ts';
import { findWorkspace } from '../../../templating/roots.ts';

/** `gulp db:stop`. Safe to call twice. */
export async function stopDatabase(argv: readonly string[]): Promise<void> {
  parseFlags('db:stop', argv, {});
  const stopped = await stopEmbedded(parseSettings(process.env), findWorkspace(process.cwd()));
  process.stdout.write(
    stopped ? 'The embedded PostgreSQL has stopped.\n' : 'The embedded PostgreSQL was not running.\n',
  );
}

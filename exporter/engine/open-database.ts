import { resolveDatabase } from '../../registry-api/store/embedded/index.ts';
import { migrate, MIGRATIONS } from '../../registry-api/store/migrate.ts';
import type { Opened } from './states.ts';

/** Address of the platform's database, started when it is the embedded one, its schema brought up to date. */
export async function openDatabase(
  run: Pick<Opened, 'root' | 'settings'>,
  options: { readonly migrate: boolean },
): Promise<string> {
  const { url } = await resolveDatabase(run.settings, run.root);
  if (options.migrate) await migrate(url, MIGRATIONS);
  return url;
}

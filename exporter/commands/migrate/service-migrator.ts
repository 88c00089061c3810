import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PlatformError } from '../../../contracts/errors.ts';
import type { ToolId } from '../../../contracts/ids.ts';
import { namesOf } from '../../../contracts/naming.ts';
import type { ServiceDatabase } from './service-database.ts';

const PROGRAM = 'src/host/migrate.ts';

/** The service's own program of migrations, with which its migrations were tested. */
export interface ServiceMigrator {
  /** Absolute folder of the service. */
  readonly folder: string;
}

/** @throws PlatformError `not-exported` when the folder is missing, incomplete or from an earlier version */
export async function findMigrator(question: {
  readonly root: string;
  readonly toolId: ToolId;
  readonly dryRun: boolean;
}): Promise<ServiceMigrator> {
  const { root, toolId, dryRun } = question;
  const { apiFolder } = namesOf(toolId);
  const folder = path.join(root, apiFolder);
  const text = await readFile(path.join(folder, PROGRAM), 'utf8').catch(() => null);
  if (text === null)
    throw new PlatformError(
      'not-exported',
      `${apiFolder}/${PROGRAM} is missing. Check out the commit with the export, and run the command there.`,
    );
  // An earlier version ignores flags, and would apply the migrations
  if (dryRun && !text.includes('--dry-run'))
    throw new PlatformError(
      'not-exported',
      `${apiFolder} was exported by an earlier version, whose ${PROGRAM} knows no dry run. Run the command without --dry-run, or export again.`,
    );
  try {
    createRequire(path.join(folder, 'package.json')).resolve('pg');
  } catch {
    throw new PlatformError(
      'not-exported',
      `${apiFolder} has no installed packages. Install them, and run the command again: npm ci --prefix ${apiFolder} --ignore-scripts`,
    );
  }
  return { folder };
}

/**
 * Runs the program, and returns its lines.
 * @throws PlatformError `migration-failed` with the program's reason, which names file and line
 */
export async function runMigrator(
  { folder }: ServiceMigrator,
  options: {
    readonly database: ServiceDatabase;
    readonly dryRun: boolean;
    readonly onLine: (line: string) => void;
  },
): Promise<readonly string[]> {
  const { database, dryRun, onLine } = options;
  const { execa } = await import('execa'); // Loaded at first use: every command would start a tenth later
  const lines: string[] = [];
  const running = execa(process.execPath, [PROGRAM, ...(dryRun ? ['--dry-run'] : [])], {
    cwd: folder,
    env: {
      MIGRATOR_DATABASE_URL: database.url,
      MIGRATOR_PASSWORD: undefined,
      MIGRATOR_PASSWORD_FILE: database.passwordFile,
      MIGRATOR_DATABASE_ADMIN_URL: undefined,
      NODE_OPTIONS: undefined,
    },
    reject: false,
  });
  for await (const line of running.iterable()) {
    lines.push(line);
    onLine(line);
  }
  const { failed, stderr } = await running;
  if (!failed) return lines;
  const reason = stderr.trim().replace(/^db:migrate failed: /, '');
  throw new PlatformError('migration-failed', `The migration failed, and was rolled back: ${reason}`);
}

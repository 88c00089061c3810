import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { tableNames, type TableDeclaration } from '../../contracts/declared-tables.ts';
import { PlatformError } from '../../contracts/errors.ts';
import type { Answers } from './answers.ts';
import { toolModel } from './model.ts';
import { RECORD_FILE } from '../packed-base.ts';

/**
 * Refuses a tool whose folder or table belongs to another tool.
 * @throws PlatformError `target-exists`
 */
export function assertRoomFor(answers: Answers, root: string, options: { force: boolean }): void {
  const { id } = answers;
  const folder = path.join(root, 'tools', id);
  const similar = toolFolders(root).find((name) => name !== id && name.toLowerCase() === id);
  if (similar !== undefined)
    throw new PlatformError(
      'target-exists',
      `tools/${similar} exists and differs from ${id} only in case. Choose another id.`,
    );
  if (
    existsSync(folder) &&
    readdirSync(folder).length > 0 &&
    !options.force &&
    !existsSync(path.join(folder, RECORD_FILE))
  )
    throw new PlatformError(
      'target-exists',
      `tools/${id} exists and was not created by this generator. Choose another id, or add --force to overwrite its files.`,
    );
  const owners = new Map(
    toolFolders(root)
      .filter((other) => other !== id)
      .flatMap((other) => tablesOf(root, other).map((table) => [table, other] as const)),
  );
  for (const { table, one } of toolModel(answers).resources) {
    const owner = owners.get(table);
    if (owner !== undefined)
      throw new PlatformError(
        'target-exists',
        `The ${one} needs the table ${table}, which belongs to tools/${owner}. Choose another id or resource.`,
      );
  }
}

function toolFolders(root: string): string[] {
  const folder = path.join(root, 'tools');
  return existsSync(folder) ? readdirSync(folder) : [];
}

function tablesOf(root: string, tool: string): readonly string[] {
  try {
    const manifest = JSON.parse(readFileSync(path.join(root, 'tools', tool, 'manifest.json'), 'utf8')) as {
      databaseSchema?: { tables?: unknown };
    };
    const tables = manifest.databaseSchema?.tables;
    return Array.isArray(tables)
      ? tableNames(tables as TableDeclaration[]).filter((t) => typeof t === 'string')
      : [];
  } catch {
    return []; // no manifest, or one that its own checks report
  }
}

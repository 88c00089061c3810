import type { ToolId } from '../../contracts/ids.ts';
import type { ToolNames } from '../../contracts/naming.ts';
import type { Ports } from './ports.ts';
import { shellQuote, sqlCommand } from './shell-command.ts';

/** A tool that was exported from here once, and whose jobs have nothing left to undo. */
export interface SettledTool {
  readonly toolId: ToolId;
  readonly names: ToolNames;
}

/** A resource that carries a name of the tool's export, and that no job accounts for. */
export interface OrphanedResource {
  /** Kind and name: `database crm_db (12 kB, owner crm_owner)`. */
  readonly name: string;
  /** Shell command that removes it by hand. */
  readonly command: string;
  /** The same from here. `null` where only its owner may remove it. */
  readonly remove: (() => Promise<void>) | null;
}

export type OrphanPorts = Pick<
  Ports,
  'root' | 'settings' | 'files' | 'processes' | 'containers' | 'secrets' | 'gateway' | 'exclusively'
> & {
  /** A query on the platform's database. */
  query<Row>(sql: string, values: readonly unknown[]): Promise<readonly Row[]>;
};

/** A row of a search in the catalogs: the resource, and the statement that removes it. */
export interface OrphanRow {
  readonly name: string;
  readonly sql: string;
  /** `false`: the name is the export's, the resource may be another's. */
  readonly owned: boolean;
}

/** Resources of the platform's database server, each with the statement that removes it. */
export async function orphansInDatabase(
  ports: OrphanPorts,
  sql: string,
  values: readonly unknown[],
): Promise<readonly OrphanedResource[]> {
  const rows = await ports.query<OrphanRow>(sql, values);
  return rows.map((row) => ({
    name: row.owned ? row.name : `${row.name}: it may belong to someone else`,
    command: sqlCommand(row.sql),
    remove: row.owned ? () => ports.query(row.sql, []).then(() => undefined) : null,
  }));
}

/** A file of the export, if it exists. */
export async function orphanedFile(
  kind: string,
  file: string,
  { files }: Pick<OrphanPorts, 'files'>,
): Promise<readonly OrphanedResource[]> {
  if (!(await files.exists(file))) return [];
  return [
    { name: `${kind} ${file}`, command: `rm -f ${shellQuote(file)}`, remove: () => files.remove(file) },
  ];
}

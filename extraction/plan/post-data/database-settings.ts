import pg from 'pg';
import type { Section } from '../assembly.ts';
import { finding } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import { statement } from '../statement.ts';

/** Settings whose value is a list of identifiers, which ALTER DATABASE takes without quotes around it. */
const LISTS = new Set([
  'search_path',
  'temp_tablespaces',
  'local_preload_libraries',
  'session_preload_libraries',
  'shared_preload_libraries',
  'unix_socket_directories',
]);

/** ALTER DATABASE … SET for a database that the extraction creates; findings for an existing one. */
export function databaseSettings({ catalog, target }: PlanInput): Section {
  const settings = catalog.bystanders
    .filter((item) => item.kind === 'database setting')
    .map(({ name, detail }) => {
      const value = detail.slice(name.length + 1);
      const sql = `ALTER DATABASE ${pg.escapeIdentifier(target.database)} SET ${settingName(name)} = ${LISTS.has(name) ? value : pg.escapeLiteral(value)}`;
      return { name, detail, sql, copied: target.missing && !/ \(for role .*\)$/s.test(value) };
    });
  return {
    statements: settings
      .filter((item) => item.copied)
      .map(({ name, sql }) => statement(`SETTING ${name}`, sql)),
    findings: settings
      .filter((item) => !item.copied)
      .map(({ name, detail, sql }) =>
        finding({
          severity: 'warning',
          code: 'database-setting',
          object: name,
          message: `The source database sets ${detail}: settings are not copied into a database that is there, nor those of roles`,
          remedy: `If what moves relies on it: ${sql};`,
        }),
      ),
  };
}

const settingName = (name: string): string => name.split('.').map(pg.escapeIdentifier).join('.');

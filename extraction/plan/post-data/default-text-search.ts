import pg from 'pg';
import { defaultConfiguration } from '../closure/default-configuration.ts';
import type { Section } from '../assembly.ts';
import { finding } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import { statement } from '../statement.ts';

const SETTING = 'default_text_search_config';

/**
 * The configuration of `to_tsvector(text)` and its like comes from the server or the database, so that a target on
 * another server would build other vectors. A created database gets the source's; for an existing one it is reported.
 */
export function defaultTextSearch(input: PlanInput): Section {
  const { catalog, target } = input;
  const source = defaultConfiguration(catalog);
  const isSetting = catalog.bystanders.some(
    ({ kind, name, detail }) =>
      kind === 'database setting' && name === SETTING && !/ \(for role .*\)$/s.test(detail),
  );
  const nothing = { statements: [], findings: [] };
  // as a setting of the database it is copied or reported with the others
  if (isSetting || source === null || target.textSearchConfig === undefined) return nothing;
  if (target.textSearchConfig === source) return nothing;
  const sql = `ALTER DATABASE ${pg.escapeIdentifier(target.database)} SET ${SETTING} = ${pg.escapeLiteral(source)}`;
  if (target.missing) return { ...nothing, statements: [statement(`SETTING ${SETTING}`, sql)] };
  if (!usesTextSearch(input)) return nothing;
  return {
    ...nothing,
    findings: [
      finding({
        severity: 'warning',
        code: 'text-search-config',
        object: SETTING,
        message: `The source searches text by ${source} where a statement names no configuration, the target by ${target.textSearchConfig ?? 'another one'}`,
        remedy: `For the same results: ${sql};`,
      }),
    ],
  };
}

const TEXT_SEARCH = /\b(to_tsvector|\w*to_tsquery|ts_headline|get_current_ts_config)\b/;

const usesTextSearch = ({ selection, catalog, included }: PlanInput): boolean =>
  selection.tables.some(({ columns }) => columns.some(({ type }) => /^ts(vector|query)$/.test(type))) ||
  catalog.functions.some(
    ({ oid, definition }) => included.has(`pg_proc:${oid}`) && TEXT_SEARCH.test(definition ?? ''),
  );

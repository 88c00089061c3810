import type { Relation } from '../../catalog/catalog.ts';
import { optionText } from './tables.ts';

/** A view, or an empty materialized view. */
export function createView(view: Relation): string {
  const definition = (view.definition ?? '').replace(/;\s*$/, '');
  const options = [...view.options, ...view.toastOptions.map((option) => `toast.${option}`)]
    .map(optionText)
    .join(', ');
  const withOptions = options === '' ? '' : ` WITH (${options})`;
  if (view.kind === 'v') return `CREATE VIEW ${view.name}${withOptions} AS\n${definition}`;
  const method = view.accessMethod === null ? '' : ` USING ${view.accessMethod}`;
  const space = view.tablespace === null ? '' : ` TABLESPACE ${view.tablespace}`;
  return `CREATE MATERIALIZED VIEW ${view.name}${method}${withOptions}${space} AS\n${definition}\nWITH NO DATA`;
}

/** A view with the right column names and types, for objects that need it. {@link replaceView} completes it. */
export function createShell(view: Relation): string {
  const columns = view.columns.map(
    (column) =>
      `NULL::${column.type}${column.collation === null ? '' : ` COLLATE ${column.collation}`} AS ${column.name}`,
  );
  return `CREATE VIEW ${view.name} AS\nSELECT ${columns.join(',\n  ')}`;
}

export const replaceView = (view: Relation): string =>
  createView(view).replace(/^CREATE VIEW /, 'CREATE OR REPLACE VIEW ');

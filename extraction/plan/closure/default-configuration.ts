import pg from 'pg';
import type { Catalog, Key, PlainObject } from '../../catalog/catalog.ts';

/**
 * The qualified name of the configuration that text search functions use when none is named; `null` for a setting that
 * names none which exists.
 */
export function defaultConfiguration(catalog: Catalog): string | null {
  const { textSearchConfig } = catalog.server;
  const own = ownConfiguration(catalog);
  if (own !== null) return own.name;
  if (textSearchConfig.startsWith('pg_catalog.')) return textSearchConfig;
  return textSearchConfig.includes('.') ? null : `pg_catalog.${textSearchConfig}`;
}

/** The key of that configuration, unless it is built in. */
export function defaultConfigurationKeys(catalog: Catalog): Key[] {
  const own = ownConfiguration(catalog);
  return own === null ? [] : [`${own.catalog}:${own.oid}`];
}

function ownConfiguration({ plain, server }: Catalog): PlainObject | null {
  const { textSearchConfig, searchPath } = server;
  // the server's configuration file may name it without a schema
  const names = textSearchConfig.includes('.')
    ? [textSearchConfig]
    : searchPath.map((schema) =>
        `${pg.escapeIdentifier(schema)}.${textSearchConfig}`.replace(/^"([a-z_]\w*)"/, '$1'),
      );
  const configurations = plain.filter((item) => item.catalog === 'pg_ts_config');
  return names.flatMap((name) => configurations.find((item) => item.name === name) ?? [])[0] ?? null;
}

import pg from 'pg';
import { databaseOf, openMaintenance } from './target.ts';

/** Creates the database of `url` from template0, with the encoding and locale of the source. */
export async function createDatabase(
  url: string,
  like: { readonly encoding: string; readonly collate: string; readonly ctype: string },
  owner: string | null = null,
): Promise<void> {
  const session = await openMaintenance(url);
  const locale = (collate: string, ctype: string): string =>
    ` LC_COLLATE ${pg.escapeLiteral(collate)} LC_CTYPE ${pg.escapeLiteral(ctype)}`;
  const create = (tail: string): string =>
    `CREATE DATABASE ${pg.escapeIdentifier(databaseOf(url))} TEMPLATE template0 ENCODING ${pg.escapeLiteral(like.encoding)}${tail}${owner === null ? '' : ` OWNER ${owner}`}`;
  try {
    await session.query(create(locale(like.collate, like.ctype)));
  } finally {
    await session.end();
  }
}

/** Safe to call twice. Whoever is connected is disconnected. */
export async function dropDatabase(url: string): Promise<void> {
  const session = await openMaintenance(url);
  try {
    await session.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(databaseOf(url))} WITH (FORCE)`);
  } finally {
    await session.end();
  }
}

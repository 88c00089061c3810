import { rowsOf, type Session } from '../run/session.ts';

/** `server_version_num` of the server, such as 150004. */
export async function readVersion(session: Session): Promise<number> {
  const [row] = await rowsOf<{ version: string }>(
    session,
    `SELECT current_setting('server_version_num') AS version`,
  );
  return Number(row?.version);
}

/** Where the default collation of a database comes from. */
export type LocaleProvider = 'libc' | 'icu' | 'builtin';

/** The default locale of a database, with its encoding. */
export type DatabaseLocale = {
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** Missing in plans of older exports, whose databases all used libc. */
  readonly provider?: LocaleProvider;
  /** Of the providers icu and builtin. */
  readonly locale?: string | null;
  /** Additional rules of an ICU locale. */
  readonly rules?: string | null;
};

/** The first majors with `datlocale` and the provider builtin, and with ICU rules. */
export const BUILTIN_LOCALE = 170_000;
export const ICU_RULES = 160_000;

/** Columns of {@link DatabaseLocale}, without the encoding, for `pg_database d`. */
export const LOCALE = (version: number): string => `
  d.datcollate AS collate, d.datctype AS ctype,
  CASE d.datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider,
  ${version >= BUILTIN_LOCALE ? 'd.datlocale' : 'd.daticulocale'} AS locale, ${version >= ICU_RULES ? 'd.daticurules' : 'NULL'} AS rules`;

/** `default_text_search_config` of a plain connection: a session's own setting does not change its reset value. */
export const TEXT_SEARCH_CONFIG = `(SELECT reset_val FROM pg_settings WHERE name = 'default_text_search_config')`;

/**
 * Settings of every session, whatever the role, the database or the server sets. Each of them changes the text or the
 * meaning of a value, changes the result of a statement, or ends a session that works correctly.
 */
export const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  // names are written qualified
  search_path: '',
  // texts of both sides are compared
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  timezone_abbreviations: 'Default',
  extra_float_digits: '3',
  bytea_output: 'hex',
  xmlbinary: 'base64',
  xmloption: 'content',
  lc_monetary: 'C',
  lc_numeric: 'C',
  lc_time: 'C',
  client_encoding: 'UTF8',
  quote_all_identifiers: 'off',
  // how statements are read
  array_nulls: 'on',
  backslash_quote: 'safe_encoding',
  escape_string_warning: 'off',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  // which rows are seen; a role that row security would filter must fail
  row_security: 'off',
  gin_fuzzy_search_limit: '0',
  restrict_nonsystem_relation_kind: '',
  ignore_system_indexes: 'off',
  ignore_checksum_failure: 'off',
  zero_damaged_pages: 'off',
  session_replication_role: 'origin',
  // what a transaction may do
  default_transaction_read_only: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  exit_on_error: 'off',
  // how long a session may work or wait
  statement_timeout: '0',
  lock_timeout: '0',
  transaction_timeout: '0',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  // where and how objects are stored, unless the plan says otherwise
  default_tablespace: '',
  temp_tablespaces: '',
  default_table_access_method: 'heap',
  default_toast_compression: 'pglz',
  // bodies are created before the objects that they use
  check_function_bodies: 'off',
  // for scans of large tables the compiler costs more than it saves
  jit: 'off',
  // the backend of a killed client must stop
  client_connection_check_interval: '1s',
};

/**
 * Applies a JSON object of settings. Majors lack some of them, and some are for superusers only. A database in SQL_ASCII
 * may hold bytes that are not UTF-8: they are read unchecked, because the server would refuse to send them.
 */
export const APPLY_SETTINGS = `
SELECT pg_catalog.set_config(s.name, CASE
  WHEN v.name OPERATOR(pg_catalog.=) 'client_encoding' AND pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.=) 'SQL_ASCII' THEN 'SQL_ASCII'
  ELSE v.value END, false)
FROM pg_catalog.json_each_text($1::pg_catalog.json) AS v (name, value)
  JOIN pg_catalog.pg_settings s ON pg_catalog.lower(s.name) OPERATOR(pg_catalog.=) v.name
WHERE s.context OPERATOR(pg_catalog.=) 'user'
  OR (s.context OPERATOR(pg_catalog.=) 'superuser' AND pg_catalog.current_setting('is_superuser') OPERATOR(pg_catalog.=) 'on')`;

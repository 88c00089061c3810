import { OWNER, QUALIFIED, USER_SCHEMA } from './fragments.ts';

const C_FUNCTIONS = (what: string): string => `'${what} made of C functions'`;

export const PARSERS = `
SELECT p.oid::text, ${QUALIFIED('n.nspname', 'p.prsname')} AS name, quote_ident(n.nspname) AS schema, '' AS owner, 'pg_ts_parser' AS catalog,
  'TEXT SEARCH PARSER ' || ${QUALIFIED('n.nspname', 'p.prsname')} AS address, false AS ownable, NULL AS refusal,
  json_build_array('CREATE TEXT SEARCH PARSER ' || ${QUALIFIED('n.nspname', 'p.prsname')} || ' (' || concat_ws(', ', 'START = ' || p.prsstart, 'GETTOKEN = ' || p.prstoken,
    'END = ' || p.prsend, 'HEADLINE = ' || nullif(p.prsheadline::oid, 0)::regproc, 'LEXTYPES = ' || p.prslextype) || ')') AS statements
FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE ${USER_SCHEMA('n')} ORDER BY 2`;

export const TEMPLATES = `
SELECT t.oid::text, ${QUALIFIED('n.nspname', 't.tmplname')} AS name, quote_ident(n.nspname) AS schema, '' AS owner, 'pg_ts_template' AS catalog,
  'TEXT SEARCH TEMPLATE ' || ${QUALIFIED('n.nspname', 't.tmplname')} AS address, false AS ownable,
  CASE WHEN t.tmpllexize::oid >= 16384 THEN ${C_FUNCTIONS('a text search template')} END AS refusal,
  json_build_array('CREATE TEXT SEARCH TEMPLATE ' || ${QUALIFIED('n.nspname', 't.tmplname')} || ' (' || concat_ws(', ',
    'INIT = ' || nullif(t.tmplinit::oid, 0)::regproc, 'LEXIZE = ' || t.tmpllexize) || ')') AS statements
FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE ${USER_SCHEMA('n')} ORDER BY 2`;

export const DICTIONARIES = `
SELECT d.oid::text, ${QUALIFIED('n.nspname', 'd.dictname')} AS name, quote_ident(n.nspname) AS schema, ${OWNER('d.dictowner')} AS owner, 'pg_ts_dict' AS catalog,
  'TEXT SEARCH DICTIONARY ' || ${QUALIFIED('n.nspname', 'd.dictname')} AS address, true AS ownable, NULL AS refusal,
  json_build_array('CREATE TEXT SEARCH DICTIONARY ' || ${QUALIFIED('n.nspname', 'd.dictname')} || ' (TEMPLATE = ' ||
    (SELECT ${QUALIFIED('tn.nspname', 't.tmplname')} FROM pg_ts_template t JOIN pg_namespace tn ON tn.oid = t.tmplnamespace WHERE t.oid = d.dicttemplate) ||
    coalesce(', ' || d.dictinitoption, '') || ')') AS statements
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace WHERE ${USER_SCHEMA('n')} ORDER BY 2`;

export const CONFIGURATIONS = `
SELECT c.oid::text, ${QUALIFIED('n.nspname', 'c.cfgname')} AS name, quote_ident(n.nspname) AS schema, ${OWNER('c.cfgowner')} AS owner, 'pg_ts_config' AS catalog,
  'TEXT SEARCH CONFIGURATION ' || ${QUALIFIED('n.nspname', 'c.cfgname')} AS address, true AS ownable, NULL AS refusal,
  (SELECT json_agg(statement ORDER BY sort) FROM (
    SELECT 0 AS sort, 'CREATE TEXT SEARCH CONFIGURATION ' || ${QUALIFIED('n.nspname', 'c.cfgname')} || ' (PARSER = ' ||
      (SELECT ${QUALIFIED('pn.nspname', 'p.prsname')} FROM pg_ts_parser p JOIN pg_namespace pn ON pn.oid = p.prsnamespace WHERE p.oid = c.cfgparser) || ')' AS statement
    UNION ALL
    SELECT m.maptokentype, 'ALTER TEXT SEARCH CONFIGURATION ' || ${QUALIFIED('n.nspname', 'c.cfgname')} || ' ADD MAPPING FOR ' ||
      quote_ident((SELECT t.alias FROM ts_token_type(c.cfgparser) t WHERE t.tokid = m.maptokentype)) || ' WITH ' ||
      string_agg((SELECT ${QUALIFIED('dn.nspname', 'd.dictname')} FROM pg_ts_dict d JOIN pg_namespace dn ON dn.oid = d.dictnamespace WHERE d.oid = m.mapdict), ', ' ORDER BY m.mapseqno)
    FROM pg_ts_config_map m WHERE m.mapcfg = c.oid GROUP BY m.maptokentype) parts) AS statements
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace WHERE ${USER_SCHEMA('n')} ORDER BY 2`;

import { OWNER, QUALIFIED, USER_SCHEMA } from './fragments.ts';

const OPERATOR_NAME = (oid: string): string =>
  `(SELECT 'OPERATOR(' || quote_ident(xn.nspname) || '.' || x.oprname || ')' FROM pg_operator x JOIN pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = ${oid})`;

const SIDE = (type: string): string => `coalesce(format_type(nullif(${type}, 0), NULL), 'NONE')`;

export const OPERATORS = `
SELECT o.oid::text, quote_ident(n.nspname) || '.' || o.oprname || ' (' || ${SIDE('o.oprleft')} || ', ' || ${SIDE('o.oprright')} || ')' AS name,
  quote_ident(n.nspname) AS schema, ${OWNER('o.oprowner')} AS owner, 'pg_operator' AS catalog,
  'OPERATOR ' || quote_ident(n.nspname) || '.' || o.oprname || ' (' || ${SIDE('o.oprleft')} || ', ' || ${SIDE('o.oprright')} || ')' AS address, true AS ownable,
  CASE WHEN o.oprcode = 0 THEN 'an operator that was never finished' END AS refusal,
  json_build_array('CREATE OPERATOR ' || quote_ident(n.nspname) || '.' || o.oprname || ' (' || array_to_string(array_remove(ARRAY[
    'FUNCTION = ' || o.oprcode::regproc, 'LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL), 'RIGHTARG = ' || format_type(nullif(o.oprright, 0), NULL),
    'COMMUTATOR = ' || ${OPERATOR_NAME('o.oprcom')}, 'NEGATOR = ' || ${OPERATOR_NAME('o.oprnegate')},
    'RESTRICT = ' || nullif(o.oprrest::oid, 0)::regproc, 'JOIN = ' || nullif(o.oprjoin::oid, 0)::regproc,
    CASE WHEN o.oprcanmerge THEN 'MERGES' END, CASE WHEN o.oprcanhash THEN 'HASHES' END], NULL), ', ') || ')') AS statements
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE ${USER_SCHEMA('n')} ORDER BY o.oid`;

const AM = (oid: string): string => `(SELECT quote_ident(amname) FROM pg_am WHERE oid = ${oid})`;

const MEMBERS = (condition: string): string => `
  (SELECT string_agg(item, ', ' ORDER BY sort, item) FROM (
    SELECT 1 AS sort, 'OPERATOR ' || a.amopstrategy || ' ' || a.amopopr::regoperator ||
      coalesce(' FOR ORDER BY ' || (SELECT ${QUALIFIED('sfn.nspname', 'sf.opfname')} FROM pg_opfamily sf JOIN pg_namespace sfn ON sfn.oid = sf.opfnamespace WHERE sf.oid = a.amopsortfamily), '') AS item
    FROM pg_amop a JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = a.oid AND ${condition}
    UNION ALL
    SELECT 2, 'FUNCTION ' || a.amprocnum || ' (' || format_type(a.amproclefttype, NULL) || ', ' || format_type(a.amprocrighttype, NULL) || ') ' || a.amproc::regprocedure
    FROM pg_amproc a JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = a.oid AND ${condition}
  ) members)`;

// Members that depend on the family alone are "loose"; the others belong to their class (PostgreSQL 15 manual, 38.16.5).
export const OPERATOR_FAMILIES = `
SELECT f.oid::text, ${QUALIFIED('n.nspname', 'f.opfname')} || ' USING ' || ${AM('f.opfmethod')} AS name, quote_ident(n.nspname) AS schema,
  ${OWNER('f.opfowner')} AS owner, 'pg_opfamily' AS catalog, 'OPERATOR FAMILY ' || ${QUALIFIED('n.nspname', 'f.opfname')} || ' USING ' || ${AM('f.opfmethod')} AS address,
  true AS ownable, NULL AS refusal,
  CASE WHEN loose.items IS NULL THEN json_build_array('CREATE OPERATOR FAMILY ' || ${QUALIFIED('n.nspname', 'f.opfname')} || ' USING ' || ${AM('f.opfmethod')})
    ELSE json_build_array('CREATE OPERATOR FAMILY ' || ${QUALIFIED('n.nspname', 'f.opfname')} || ' USING ' || ${AM('f.opfmethod')},
      'ALTER OPERATOR FAMILY ' || ${QUALIFIED('n.nspname', 'f.opfname')} || ' USING ' || ${AM('f.opfmethod')} || ' ADD ' || loose.items) END AS statements
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace,
  LATERAL (SELECT ${MEMBERS("d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid AND d.deptype = 'a'")} AS items) loose
WHERE ${USER_SCHEMA('n')} ORDER BY 2`;

export const OPERATOR_CLASSES = `
SELECT c.oid::text, ${QUALIFIED('n.nspname', 'c.opcname')} || ' USING ' || ${AM('c.opcmethod')} AS name, quote_ident(n.nspname) AS schema,
  ${OWNER('c.opcowner')} AS owner, 'pg_opclass' AS catalog, 'OPERATOR CLASS ' || ${QUALIFIED('n.nspname', 'c.opcname')} || ' USING ' || ${AM('c.opcmethod')} AS address,
  true AS ownable, NULL AS refusal,
  json_build_array('CREATE OPERATOR CLASS ' || ${QUALIFIED('n.nspname', 'c.opcname')} || CASE WHEN c.opcdefault THEN ' DEFAULT' ELSE '' END ||
    ' FOR TYPE ' || format_type(c.opcintype, NULL) || ' USING ' || ${AM('c.opcmethod')} ||
    (SELECT ' FAMILY ' || ${QUALIFIED('fn.nspname', 'f.opfname')} FROM pg_opfamily f JOIN pg_namespace fn ON fn.oid = f.opfnamespace WHERE f.oid = c.opcfamily) ||
    ' AS ' || coalesce(nullif(concat_ws(', ', 'STORAGE ' || format_type(nullif(c.opckeytype, 0), NULL), members.items), ''), 'STORAGE ' || format_type(c.opcintype, NULL))) AS statements
FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace,
  LATERAL (SELECT ${MEMBERS("d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid AND d.deptype = 'i'")} AS items) members
WHERE ${USER_SCHEMA('n')} ORDER BY 2`;

/** Excludes system schemas, the fence and the extraction ledger. */
export const USER_SCHEMA = (alias: string): string =>
  `(${alias}.nspname !~ '^pg_(catalog|toast|temp_|toast_temp_)' AND ${alias}.nspname <> ALL (ARRAY['information_schema', 'platform_fence', 'platform_extract', 'platform_way_back']))`;

/** An ACL as JSON, in order; NULL when the object has the defaults of its kind. */
export const ACL = (column: string): string => `CASE WHEN ${column} IS NULL THEN NULL ELSE coalesce((
  SELECT json_agg(json_build_object(
    'grantee', CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
    'grantor', quote_ident(pg_get_userbyid(a.grantor)),
    'privilege', a.privilege_type, 'grantable', a.is_grantable) ORDER BY a.n)
  FROM aclexplode(${column}) WITH ORDINALITY AS a(grantor, grantee, privilege_type, is_grantable, n)), '[]'::json) END`;

export const OWNER = (column: string): string => `quote_ident(pg_get_userbyid(${column}))`;
export const QUALIFIED = (schema: string, name: string): string =>
  `quote_ident(${schema}) || '.' || quote_ident(${name})`;

/** Smaller oids belong to objects that initdb creates. */
export const FIRST_NORMAL_OID = 16_384;

/** Constructors and casts of range types are created with the type. */
export const CREATED_WITH_TYPE = (catalog: string, oid: string): string =>
  `EXISTS (SELECT FROM pg_depend made WHERE made.classid = ${catalog} AND made.objid = ${oid} AND made.deptype = 'i')`;

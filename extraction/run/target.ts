import type { TargetFacts } from '../plan/target.ts';
import { isMissingDatabase, openSession, rowsOf, type Session } from './session.ts';
import { LOCALE, readVersion, TEXT_SEARCH_CONFIG } from '../catalog/database.ts';
import { QUALIFIED, USER_SCHEMA } from '../catalog/fragments.ts';
import { readDefaultAcls } from '../catalog/schemas.ts';

const server = (version: number): string => `
SELECT quote_ident(current_user) AS user, r.rolsuper AS superuser,
  r.rolcreatedb OR r.rolsuper AS "canCreateDatabase", d.datname AS database, pg_encoding_to_char(d.encoding) AS encoding,
  ${LOCALE(version)}, ${TEXT_SEARCH_CONFIG} AS "textSearchConfig", has_database_privilege(d.oid, 'CREATE') AS "canCreateInDatabase",
  (SELECT coalesce(json_agg(quote_ident(rolname)), '[]') FROM pg_roles) AS roles,
  (SELECT coalesce(json_agg(quote_ident(rolname)), '[]') FROM pg_roles m WHERE pg_has_role(m.oid, 'MEMBER')) AS assignable,
  (SELECT coalesce(json_object_agg(name, versions), '{}') FROM (SELECT name, json_agg(version) AS versions FROM pg_available_extension_versions GROUP BY name) v) AS extensions,
  (SELECT coalesce(json_agg(DISTINCT name), '[]') FROM pg_available_extension_versions WHERE superuser AND NOT trusted) AS "superuserExtensions",
  (SELECT coalesce(json_agg(quote_ident(spcname)), '[]') FROM pg_tablespace) AS tablespaces
FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`;

const CONTENT = `
SELECT (SELECT coalesce(json_agg(quote_ident(nspname)), '[]') FROM pg_namespace) AS schemas,
  (SELECT coalesce(json_agg(quote_ident(amname)), '[]') FROM pg_am) AS "accessMethods",
  (SELECT json_object_agg(quote_ident(n.nspname), json_build_object('mine', pg_has_role(n.nspowner, 'USAGE'), 'grants', coalesce((
      SELECT json_agg(CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END || ' ' || a.privilege_type)
      FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a), '[]')))
    FROM pg_namespace n WHERE ${USER_SCHEMA('n')}) AS "schemaGrants",
  (SELECT coalesce(json_agg(lanname), '[]') FROM pg_language) AS languages,
  (SELECT coalesce(json_agg(quote_ident(evtname)), '[]') FROM pg_event_trigger WHERE evtenabled IN ('O', 'A')) AS "eventTriggers",
  (SELECT coalesce(json_object_agg(extname, json_build_object('version', extversion, 'schema', quote_ident(nspname))), '{}')
   FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace) AS installed,
  (SELECT coalesce(json_agg(name), '[]') FROM (
    SELECT 'relation ' || ${QUALIFIED('n.nspname', 'c.relname')} AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${USER_SCHEMA('n')}
    UNION ALL SELECT 'type ' || ${QUALIFIED('n.nspname', 't.typname')} FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${USER_SCHEMA('n')}
    UNION ALL SELECT 'function ' || ${QUALIFIED('n.nspname', 'p.proname')} || '(' || pg_get_function_identity_arguments(p.oid) || ')'
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${USER_SCHEMA('n')}) o) AS existing`;

type ServerRow = Pick<
  TargetFacts,
  | 'user'
  | 'superuser'
  | 'canCreateDatabase'
  | 'database'
  | 'encoding'
  | 'collate'
  | 'ctype'
  | 'provider'
  | 'locale'
  | 'rules'
  | 'textSearchConfig'
  | 'canCreateInDatabase'
  | 'roles'
  | 'assignable'
  | 'extensions'
  | 'superuserExtensions'
  | 'tablespaces'
>;
type ContentRow = Pick<
  TargetFacts,
  'schemas' | 'schemaGrants' | 'accessMethods' | 'languages' | 'installed' | 'existing' | 'eventTriggers'
>;

/** Reads the facts that the plan needs of the target. A database that does not exist is read as an empty one. */
export async function readTarget(url: string): Promise<TargetFacts> {
  let session: Session;
  let missing = false;
  try {
    session = await openSession({ url });
  } catch (error) {
    if (!isMissingDatabase(error)) throw error;
    missing = true;
    session = await openMaintenance(url);
  }
  try {
    const version = await readVersion(session);
    const [row] = await rowsOf<ServerRow>(session, server(version));
    if (row === undefined) throw new Error('pg_roles has no row for the current user');
    if (missing)
      return {
        ...row,
        version,
        missing,
        database: databaseOf(url),
        encoding: null,
        collate: null,
        ctype: null,
        provider: null,
        locale: null,
        rules: null,
        canCreateInDatabase: true,
        schemas: ['public'],
        schemaGrants: { public: { mine: true, grants: ['PUBLIC USAGE'] } },
        accessMethods: ['heap', 'btree', 'hash', 'gist', 'gin', 'spgist', 'brin'],
        languages: ['sql', 'plpgsql', 'internal', 'c'],
        installed: { plpgsql: { version: '1.0', schema: 'pg_catalog' } },
        existing: [],
      };
    const [content] = await rowsOf<ContentRow>(session, CONTENT);
    if (content === undefined) throw new Error('the catalogs of the target gave no row');
    return { ...row, ...content, defaultAcls: await readDefaultAcls(session), version, missing };
  } finally {
    await session.end();
  }
}

export const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1));

export function withDatabase(url: string, database: string): string {
  const at = new URL(url);
  at.pathname = `/${encodeURIComponent(database)}`;
  return at.href;
}

/** A connection that can create and drop databases. */
export async function openMaintenance(url: string): Promise<Session> {
  try {
    return await openSession({ url: withDatabase(url, 'postgres') });
  } catch (error) {
    if (!isMissingDatabase(error)) throw error;
    return openSession({ url: withDatabase(url, 'template1') });
  }
}

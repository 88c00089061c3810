import pg from 'pg';
import { USER_SCHEMA } from '../catalog/fragments.ts';
import { isTrue, rowsOf, type Session } from '../run/session.ts';

/** Schema and event trigger of the guard; the schema holds the shape of the tables when their way back began. */
export const WAY_BACK_GUARD = 'platform_way_back';

/** The service's record of its own migrations. */
const MIGRATIONS = 'schema_migrations';

/**
 * The shape of the published tables, one fact a row. `needed`: the rows no longer fit into the monolith's tables without
 * it. `column` and `table`: all columns and tables of the service; later ones do not reach the monolith.
 */
const FACTS = `
WITH published AS (
  SELECT c.oid, c.oid::regclass::text AS name, c.relreplident, t.entire FROM ${WAY_BACK_GUARD}.tables t JOIN pg_class c ON c.oid = t.oid
), columns AS (
  SELECT p.name || '.' || quote_ident(a.attname) AS name, a.attnotnull, a.atttypid, p.oid,
    format_type(a.atttypid, a.atttypmod) || coalesce(' generated as ' || pg_get_expr(d.adbin, d.adrelid), '') AS definition
  FROM published p JOIN pg_attribute a ON a.attrelid = p.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated <> ''
), types AS (
  SELECT DISTINCT t.oid FROM columns c JOIN pg_type own ON own.oid = c.atttypid JOIN pg_type t ON t.oid IN (own.oid, own.typelem, own.typbasetype)
)
SELECT 'needed', format('the place of %s in publication %I', p.name, b.pubname)
  FROM published p JOIN pg_publication_rel r ON r.prrelid = p.oid JOIN pg_publication b ON b.oid = r.prpubid
UNION ALL SELECT 'needed', 'table ' || name FROM published
UNION ALL SELECT 'needed', format('replica identity %L of %s', relreplident, name) FROM published
UNION ALL SELECT 'needed', format('column %s (%s)', name, definition) FROM columns
UNION ALL SELECT 'needed', 'NOT NULL of ' || name FROM columns WHERE attnotnull
UNION ALL SELECT 'needed', format('%s of %s', pg_get_constraintdef(k.oid), p.name)
  FROM published p JOIN pg_constraint k ON k.conrelid = p.oid WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
UNION ALL SELECT 'needed', regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX .* ON ', ' INDEX ON ')
  FROM published p JOIN pg_index i ON i.indrelid = p.oid AND i.indisunique
UNION ALL SELECT 'needed', format('the labels %s of type %s', string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder), e.enumtypid::regtype)
  FROM types t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY e.enumtypid
UNION ALL SELECT 'needed', format('%s of domain %s', pg_get_constraintdef(k.oid), k.contypid::regtype)
  FROM types t JOIN pg_constraint k ON k.contypid = t.oid
UNION ALL SELECT 'needed', format('the list of partitions of %s: %s', tree.parent::regclass, string_agg(tree.child::regclass::text, ', ' ORDER BY tree.child::regclass::text))
  FROM (SELECT DISTINCT root.relid AS parent, leaf.inhrelid AS child FROM published p, pg_partition_ancestors(p.oid) root JOIN pg_inherits leaf ON leaf.inhparent = root.relid) tree
  GROUP BY tree.parent
UNION ALL SELECT 'needed', format('the list of columns of %s, whose replica identity is not its key: %s', p.name, string_agg(c.name, ', ' ORDER BY c.name))
  FROM published p JOIN columns c ON c.oid = p.oid WHERE p.entire GROUP BY p.name
UNION ALL SELECT 'needed', 'sequence ' || c.oid::regclass
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ${USER_SCHEMA('n')}
UNION ALL SELECT 'column', format('column %s (%s)', name, definition) FROM columns
UNION ALL SELECT 'table', 'table ' || c.oid::regclass
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${USER_SCHEMA('n')}
    AND c.relname <> '${MIGRATIONS}'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

/** SECURITY DEFINER, as roles of migrations need not read the schema. Tags of CREATE cannot take anything away, except for partitions. */
const GUARD = `
CREATE FUNCTION ${WAY_BACK_GUARD}.refuse() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $guard$
DECLARE lost text[];
BEGIN
  IF tg_tag !~ '^(ALTER|DROP|CREATE TABLE)' THEN RETURN; END IF;
  IF tg_tag ~ '^CREATE' AND NOT EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name <> 'pg_temp') THEN RETURN; END IF;
  SELECT array_agg(fact ORDER BY fact !~ '^(column|table) ', fact) INTO lost FROM (
    SELECT fact FROM ${WAY_BACK_GUARD}.recorded WHERE kind = 'needed'
    EXCEPT SELECT fact FROM ${WAY_BACK_GUARD}.facts() WHERE kind = 'needed') AS gone;
  IF lost IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist',
      MESSAGE = format('%s would end the way back of this service''s export, which needs %s%s', tg_tag, array_to_string(lost[1:3], '; '),
        CASE WHEN cardinality(lost) > 3 THEN format('; and %s more', cardinality(lost) - 3) END),
      HINT = 'New tables, and new columns that other rows do not need, are possible. For other changes, roll the export back and change the tool in the monolith.';
  END IF;
END $guard$`;

/** Refuses changes of the tables' shape after which the stream of this name would break. Safe to call twice. */
export async function createWayBackGuard(session: Session, publication: string): Promise<void> {
  await dropWayBackGuard(session);
  await session.query(`
    CREATE SCHEMA ${WAY_BACK_GUARD};
    CREATE TABLE ${WAY_BACK_GUARD}.tables AS SELECT r.prrelid AS oid, r.prattrs IS NULL AS entire
      FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE p.pubname = ${pg.escapeLiteral(publication)};
    CREATE FUNCTION ${WAY_BACK_GUARD}.facts() RETURNS TABLE (kind text, fact text)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS ${pg.escapeLiteral(FACTS)};
    CREATE TABLE ${WAY_BACK_GUARD}.recorded AS SELECT * FROM ${WAY_BACK_GUARD}.facts();
    ${GUARD};
    CREATE EVENT TRIGGER ${WAY_BACK_GUARD} ON ddl_command_end EXECUTE FUNCTION ${WAY_BACK_GUARD}.refuse()`);
}

/** Safe to call twice. */
export async function dropWayBackGuard(session: Session): Promise<void> {
  await session.query(`DROP EVENT TRIGGER IF EXISTS ${WAY_BACK_GUARD}`);
  await session.query(`DROP SCHEMA IF EXISTS ${WAY_BACK_GUARD} CASCADE`);
}

/** Tables and columns that the service has now, and the monolith has not: their values stay behind in a rollback. */
export async function readAdditions(session: Session): Promise<readonly string[]> {
  if (!(await isTrue(session, 'to_regprocedure($1) IS NOT NULL', [`${WAY_BACK_GUARD}.facts()`]))) return [];
  const rows = await rowsOf<{ fact: string }>(
    session,
    `SELECT fact FROM ${WAY_BACK_GUARD}.facts() WHERE kind <> 'needed'
     EXCEPT SELECT fact FROM ${WAY_BACK_GUARD}.recorded WHERE kind <> 'needed' ORDER BY 1`,
  );
  return rows.map(({ fact }) => fact);
}

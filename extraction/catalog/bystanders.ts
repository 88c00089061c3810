import type { Oid } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';

/** Things that are not copied but that the reader of a plan must know of. */
export interface Bystander {
  readonly kind: 'publication' | 'subscription' | 'event trigger' | 'database setting' | 'security label';
  readonly name: string;
  readonly tables: readonly Oid[];
  readonly detail: string;
}

const PUBLICATIONS = `
SELECT 'publication' AS kind, quote_ident(p.pubname) AS name, coalesce(json_agg(c.oid::text) FILTER (WHERE c.oid IS NOT NULL), '[]') AS tables, '' AS detail
FROM pg_publication p LEFT JOIN pg_publication_tables t ON t.pubname = p.pubname
  LEFT JOIN pg_namespace n ON n.nspname = t.schemaname LEFT JOIN pg_class c ON c.relname = t.tablename AND c.relnamespace = n.oid
GROUP BY p.pubname`;

const EVENT_TRIGGERS = `
SELECT 'event trigger' AS kind, quote_ident(evtname) AS name, '[]'::json AS tables, evtevent AS detail FROM pg_event_trigger ORDER BY evtname`;

const SETTINGS = `
SELECT 'database setting' AS kind, split_part(s, '=', 1) AS name, '[]'::json AS tables,
  s || CASE WHEN d.setrole <> 0 THEN ' (for role ' || quote_ident(pg_get_userbyid(d.setrole)) || ')' ELSE '' END AS detail
FROM pg_db_role_setting d, unnest(d.setconfig) s
WHERE d.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 4`;

const LABELS = `
SELECT 'security label' AS kind, objname AS name, json_build_array(objoid::text) AS tables, provider || ': ' || label AS detail
FROM pg_seclabels WHERE classoid = 'pg_class'::regclass`;

// pg_subscription_rel names relations of this database; pg_subscription itself is for superusers only.
const SUBSCRIPTIONS = `
SELECT 'subscription' AS kind, srsubid::text AS name, json_agg(srrelid::text) AS tables, '' AS detail
FROM pg_subscription_rel GROUP BY srsubid`;

export async function readBystanders(session: Session): Promise<Bystander[]> {
  const found: Bystander[] = [];
  for (const sql of [PUBLICATIONS, EVENT_TRIGGERS, SETTINGS, LABELS, SUBSCRIPTIONS])
    found.push(...(await rowsOf<Bystander>(session, sql)));
  return found;
}

import type { Oid, DatabaseObject } from './object.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { OWNER, QUALIFIED, USER_SCHEMA } from './fragments.ts';

export interface Trigger {
  readonly oid: Oid;
  readonly name: string;
  readonly table: Oid;
  readonly definition: string;
  /** O: enabled, D: disabled, R: replica, A: always. */
  readonly enabled: 'O' | 'D' | 'R' | 'A';
  readonly parent: Oid | null;
  readonly parentEnabled: 'O' | 'D' | 'R' | 'A' | null;
  readonly functionOid: Oid;
}

export interface Rule {
  readonly oid: Oid;
  readonly name: string;
  readonly relation: Oid;
  readonly definition: string;
  readonly enabled: 'O' | 'D' | 'R' | 'A';
  readonly isReturn: boolean;
}

export interface Policy {
  readonly oid: Oid;
  readonly name: string;
  readonly table: Oid;
  readonly permissive: boolean;
  readonly command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}

export interface Statistics extends DatabaseObject {
  readonly table: Oid;
  readonly definition: string;
  readonly target: number | null;
}

// A fence stands on the tables while they are copied; it is not theirs.
const TRIGGERS = `
SELECT t.oid::text, quote_ident(t.tgname) AS name, t.tgrelid::text AS table, pg_get_triggerdef(t.oid) AS definition,
  t.tgenabled AS enabled, nullif(t.tgparentid, 0)::text AS parent,
  (SELECT p.tgenabled FROM pg_trigger p WHERE p.oid = t.tgparentid) AS "parentEnabled", t.tgfoid::text AS "functionOid"
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_namespace fn ON fn.oid = f.pronamespace
WHERE (NOT t.tgisinternal OR t.tgparentid <> 0) AND t.tgconstraint NOT IN (SELECT oid FROM pg_constraint WHERE contype = 'f')
  AND fn.nspname <> 'platform_fence' AND ${USER_SCHEMA('n')}
ORDER BY n.nspname, c.relname, t.tgname`;

const RULES = `
SELECT r.oid::text, quote_ident(r.rulename) AS name, r.ev_class::text AS relation, pg_get_ruledef(r.oid) AS definition,
  r.ev_enabled AS enabled, r.rulename = '_RETURN' AND r.ev_type = '1' AS "isReturn"
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${USER_SCHEMA('n')}
ORDER BY n.nspname, c.relname, r.rulename`;

const POLICIES = `
SELECT p.oid::text, quote_ident(p.polname) AS name, p.polrelid::text AS table, p.polpermissive AS permissive,
  CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
  (SELECT json_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END) FROM unnest(p.polroles) r) AS roles,
  pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS check
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${USER_SCHEMA('n')}
ORDER BY n.nspname, c.relname, p.polname`;

const STATISTICS = `
SELECT s.oid::text, ${QUALIFIED('n.nspname', 's.stxname')} AS name, quote_ident(n.nspname) AS schema, ${OWNER('s.stxowner')} AS owner,
  NULL::json AS acl, s.stxrelid::text AS table, pg_get_statisticsobjdef(s.oid) AS definition,
  CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END AS target
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE ${USER_SCHEMA('n')}
ORDER BY n.nspname, s.stxname`;

export const readTriggers = (session: Session): Promise<Trigger[]> => rowsOf(session, TRIGGERS);
export const readRules = (session: Session): Promise<Rule[]> => rowsOf(session, RULES);
export const readPolicies = (session: Session): Promise<Policy[]> => rowsOf(session, POLICIES);
export const readStatistics = (session: Session): Promise<Statistics[]> => rowsOf(session, STATISTICS);

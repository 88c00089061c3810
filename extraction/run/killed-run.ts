import type { DefaultAcl, Grant } from '../catalog/catalog.ts';
import type { TargetFacts } from '../plan/target.ts';
import { QUALIFIED, USER_SCHEMA } from '../catalog/fragments.ts';
import { readCheckpoint, type Checkpoint } from './checkpoint.ts';
import { openSession, rowsOf, type Session } from './session.ts';

/** Objects of an earlier run that was killed. */
export interface KilledRun {
  readonly checkpoint: Checkpoint;
  /** Objects that are created and dropped with another: sequences of identity columns, row and array types. */
  readonly companions: readonly Companion[];
}

interface Companion {
  readonly name: string;
  readonly of: string;
}

const NAMED = `
SELECT 'pg_class'::regclass AS classid, c.oid AS objid, 'relation ' || ${QUALIFIED('n.nspname', 'c.relname')} AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${USER_SCHEMA('n')}
UNION ALL SELECT 'pg_type'::regclass, t.oid, 'type ' || ${QUALIFIED('n.nspname', 't.typname')} FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${USER_SCHEMA('n')}
UNION ALL SELECT 'pg_proc'::regclass, p.oid, 'function ' || ${QUALIFIED('n.nspname', 'p.proname')} || '(' || pg_get_function_identity_arguments(p.oid) || ')'
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${USER_SCHEMA('n')}`;

// members of an extension are dropped with it too
const COMPANIONS = `
WITH named AS (${NAMED})
SELECT o.name, coalesce(r.name, 'extension ' || quote_ident(e.extname)) AS of
FROM pg_depend d JOIN named o USING (classid, objid)
LEFT JOIN named r ON r.classid = d.refclassid AND r.objid = d.refobjid
LEFT JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
WHERE d.deptype IN ('i', 'e') AND coalesce(r.name, e.extname) IS NOT NULL`;

/** Changes nothing. `null` when no extraction was killed here. */
export async function readKilledRun(url: string): Promise<KilledRun | null> {
  const session = await openSession({ url });
  try {
    const checkpoint = await readCheckpoint(session);
    return checkpoint === null ? null : { checkpoint, companions: await readCompanions(session) };
  } finally {
    await session.end();
  }
}

const readCompanions = (session: Session): Promise<Companion[]> => rowsOf(session, COMPANIONS);

/** The target as it was before that run, whose objects are continued or rolled back first. */
export function withoutKilledRun(target: TargetFacts, { checkpoint, companions }: KilledRun): TargetFacts {
  const own = new Set(
    checkpoint.undo.map((sql) =>
      sql
        .replace(/^DROP (TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE) IF EXISTS (.*) CASCADE$/s, 'relation $2')
        .replace(/^DROP (FUNCTION|PROCEDURE|AGGREGATE) IF EXISTS (.*) CASCADE$/s, 'function $2')
        .replace(/^DROP (TYPE|DOMAIN) IF EXISTS (.*) CASCADE$/s, 'type $2')
        .replace(/^DROP EXTENSION IF EXISTS (.*) CASCADE$/s, 'extension $1'),
    ),
  );
  for (let before = -1; before !== own.size;) {
    before = own.size;
    for (const { name, of } of companions) if (own.has(of)) own.add(name);
  }
  const undone = (word: string, name: string): boolean =>
    checkpoint.undo.includes(`DROP ${word} IF EXISTS ${name} CASCADE`);
  return {
    ...target,
    existing: target.existing.filter((name) => !own.has(name)),
    schemas: target.schemas.filter((name) => !checkpoint.undo.includes(`DROP SCHEMA ${name} CASCADE`)),
    schemaGrants: Object.fromEntries(
      Object.entries(target.schemaGrants ?? {}).map(([name, { mine, grants }]) => [
        name,
        {
          mine,
          grants: grants.filter(
            (grant) =>
              !checkpoint.undo.includes(
                `REVOKE ${grant.replace(/^(.*) (\w+)$/s, `$2 ON SCHEMA ${name.replaceAll('$', '$$$$')} FROM $1`)}`,
              ),
          ),
        },
      ]),
    ),
    ...(target.defaultAcls === undefined
      ? {}
      : { defaultAcls: target.defaultAcls.flatMap((item) => withoutOwnGrants(item, checkpoint.undo)) }),
    installed: Object.fromEntries(
      Object.entries(target.installed).filter(
        ([name]) => !undone('EXTENSION', name) && !undone('EXTENSION', `"${name}"`),
      ),
    ),
  };
}

/** Default privileges as they were before the run: they would otherwise count as the target's own. */
function withoutOwnGrants(item: DefaultAcl, undo: readonly string[]): DefaultAcl[] {
  const { role, schema, objects, acl } = item;
  const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${role}${schema === '' ? '' : ` IN SCHEMA ${schema}`}`;
  if (!undo.some((sql) => sql.startsWith(`${alter} `) && sql.includes(` ON ${objects} `))) return [item];
  const isOwn = ({ privilege, grantee }: Grant): boolean =>
    undo.includes(`${alter} REVOKE ${privilege} ON ${objects} FROM ${grantee}`);
  const left = acl.filter((grant) => !isOwn(grant));
  return left.every(({ grantee }) => grantee === role) ? [] : [{ ...item, acl: left }];
}

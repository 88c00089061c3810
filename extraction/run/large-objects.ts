import { PlatformError } from '../../contracts/errors.ts';
import type { TableCopy } from '../plan/plan.ts';
import { ACL, OWNER } from '../catalog/fragments.ts';
import { recordDone } from './checkpoint.ts';
import { isTrue, rowsOf, type Session } from './session.ts';

const CHUNK = 1024 * 1024;

interface LargeObject {
  readonly oid: string;
  readonly owner: string;
  readonly acl:
    readonly { readonly grantee: string; readonly privilege: string; readonly grantable: boolean }[] | null;
}

/**
 * Copies the large objects that the table's rows reference, with their oids, and with owner and grants where the target
 * has the roles. Compares every chunk after writing it. Ignores oids without a large object.
 */
export async function copyLargeObjects(source: Session, target: Session, table: TableCopy): Promise<void> {
  await target.query('BEGIN');
  try {
    const made: string[] = [];
    for (const column of table.largeObjects) {
      const objects = await rowsOf<LargeObject>(
        source,
        `SELECT m.oid::text, ${OWNER('m.lomowner')} AS owner, ${ACL('m.lomacl')} AS acl FROM pg_largeobject_metadata m
         WHERE EXISTS (SELECT FROM ONLY ${table.name} t WHERE t.${column}::oid = m.oid) ORDER BY m.oid`,
      );
      for (const object of objects) if (await copyOne(source, target, object)) made.push(object.oid);
    }
    await recordDone(target, `large objects ${table.name}`, { made: made.join(',') });
    await target.query('COMMIT');
  } catch (error) {
    await target.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** False when the target has it already, from another table's rows. */
async function copyOne(source: Session, target: Session, object: LargeObject): Promise<boolean> {
  const { oid } = object;
  if (await isTrue(target, 'EXISTS (SELECT FROM pg_largeobject_metadata WHERE oid = $1)', [oid]))
    return false;
  await target.query('SELECT lo_create($1::oid)', [oid]);
  for (let offset = 0; await copyChunk(source, target, oid, offset); offset += CHUNK);
  await setOwnerAndGrants(target, object);
  return true;
}

const READ_CHUNK = `
SELECT encode(d, 'base64') AS data, md5(d) AS sum FROM (SELECT lo_get($1::oid, $2, $3) AS d) x`;

/** False at the end of the object. */
async function copyChunk(source: Session, target: Session, oid: string, offset: number): Promise<boolean> {
  const place = [oid, offset, CHUNK];
  const [part] = await rowsOf<{ data: string; sum: string }>(source, READ_CHUNK, place);
  if (part === undefined || part.data === '') return false;
  await target.query(`SELECT lo_put($1::oid, $2, decode($3, 'base64'))`, [oid, offset, part.data]);
  if (!(await isTrue(target, 'md5(lo_get($1::oid, $2, $3)) = $4', [...place, part.sum])))
    throw new PlatformError(
      'verification-failed',
      `Large object ${oid} differs from its source at byte ${offset}.`,
    );
  return true;
}

const ROLES = `
SELECT coalesce(json_agg(quote_ident(rolname)), '[]') AS all,
  coalesce(json_agg(quote_ident(rolname)) FILTER (WHERE pg_has_role(oid, 'MEMBER')), '[]') AS assignable
FROM pg_roles`;

// default privileges of the target (PostgreSQL 18 and later) must not give more rights than the source
const GRANTED_BY_DEFAULT = `
SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
FROM pg_largeobject_metadata m, aclexplode(m.lomacl) a WHERE m.oid = $1 AND a.grantee <> m.lomowner`;

async function setOwnerAndGrants(target: Session, { oid, owner, acl }: LargeObject): Promise<void> {
  const [roles] = await rowsOf<{ all: string[]; assignable: string[] }>(target, ROLES);
  const grants = (acl ?? []).filter(
    ({ grantee }) => grantee !== owner && (grantee === 'PUBLIC' || roles?.all.includes(grantee) === true),
  );
  for (const { grantee } of await rowsOf<{ grantee: string }>(target, GRANTED_BY_DEFAULT, [oid]))
    await target.query(`REVOKE ALL ON LARGE OBJECT ${oid} FROM ${grantee}`);
  for (const { grantee, privilege, grantable } of grants) {
    const option = grantable ? ' WITH GRANT OPTION' : '';
    await target.query(`GRANT ${privilege} ON LARGE OBJECT ${oid} TO ${grantee}${option}`);
  }
  if (roles?.assignable.includes(owner) === true)
    await target.query(`ALTER LARGE OBJECT ${oid} OWNER TO ${owner}`);
}

/** Removes the large objects that `copyLargeObjects` has recorded: no DROP TABLE removes them. */
export async function unlinkLargeObjects(
  session: Session,
  done: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): Promise<void> {
  for (const [id, info] of done)
    if (id.startsWith('large objects ') && typeof info['made'] === 'string')
      await session.query(
        `SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid::text = ANY (string_to_array($1, ','))`,
        [info['made']],
      );
}

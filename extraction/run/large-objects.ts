import { PlatformError } from '../../contracts/errors.ts';
import type { TableCopy } from '../plan/plan.ts';
import { ACL, OWNER } from '../catalog/fragments.ts';
import { recordDone } from './checkpoint.ts';
import { rowsOf, type Session } from './session.ts';

const CHUNK = 1024 * 1024;

interface LargeObject {
  readonly oid: string;
  readonly owner: string;
  readonly acl: readonly { readonly grantee: string; readonly privilege: string; readonly grantable: boolean }[] | null;
} // prettier-ignore

/**
 * Large objects that the table's rows refer to, under the same oid, with owner and grants as far as the target has the
 * roles. Every chunk is compared as it is written. Nothing happens for oids that are none.
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
async function copyOne(source: Session, target: Session, { oid, owner, acl }: LargeObject): Promise<boolean> {
  const [there] = await rowsOf<{ there: boolean }>(target, 'SELECT EXISTS (SELECT FROM pg_largeobject_metadata WHERE oid = $1) AS there', [oid]);
  if (there?.there === true) return false;
  await target.query('SELECT lo_create($1::oid)', [oid]);
  for (let offset = 0; ; offset += CHUNK) {
    const [part] = await rowsOf<{ data: string; sum: string }>(source, `SELECT encode(d, 'base64') AS data, md5(d) AS sum FROM (SELECT lo_get($1::oid, $2, $3) AS d) x`, [oid, offset, CHUNK]);
    if (part === undefined || part.data === '') break;
    await target.query(`SELECT lo_put($1::oid, $2, decode($3, 'base64'))`, [oid, offset, part.data]);
    const [now] = await rowsOf<{ sum: string }>(target, 'SELECT md5(lo_get($1::oid, $2, $3)) AS sum', [oid, offset, CHUNK]);
    if (now?.sum !== part.sum) throw new PlatformError('verification-failed', `Large object ${oid} differs from its source at byte ${offset}.`);
  }
  const [roles] = await rowsOf<{ all: string[]; mine: string[] }>(target, `SELECT coalesce(json_agg(quote_ident(rolname)), '[]') AS all,
    coalesce(json_agg(quote_ident(rolname)) FILTER (WHERE pg_has_role(oid, 'MEMBER')), '[]') AS mine FROM pg_roles`);
  for (const { grantee, privilege, grantable } of acl ?? [])
    if (grantee !== owner && (grantee === 'PUBLIC' || roles?.all.includes(grantee) === true))
      await target.query(`GRANT ${privilege} ON LARGE OBJECT ${oid} TO ${grantee}${grantable ? ' WITH GRANT OPTION' : ''}`);
  if (roles?.mine.includes(owner) === true) await target.query(`ALTER LARGE OBJECT ${oid} OWNER TO ${owner}`);
  return true;
} // prettier-ignore

/** Takes back what `copyLargeObjects` has marked as made: no table's end drops them. */
export async function unlinkLargeObjects(session: Session, done: ReadonlyMap<string, Readonly<Record<string, unknown>>>): Promise<void> {
  for (const [id, info] of done) {
    const made = id.startsWith('large objects ') && typeof info['made'] === 'string' ? info['made'] : '';
    for (const oid of made.split(',')) if (oid !== '') await session.query('SELECT lo_unlink(m.oid) FROM pg_largeobject_metadata m WHERE m.oid = $1', [oid]);
  }
} // prettier-ignore

import { FENCE_FUNCTION } from '../../../contracts/fence.ts';
import { namesOf } from '../../../contracts/naming.ts';
import { sqlCommand } from '../../core/shell-command.ts';
import type { Leftover, LeftoverPlace } from './leftover.ts';

interface Row {
  readonly what: string;
  readonly sql: string;
  /** False: the name is ours, the thing may be somebody else's. */
  readonly ours: boolean;
}

/** In the order in which they can go: a slot holds its database, objects hold their owner. Slots elsewhere are of others. */
const FOUND = `
SELECT 'replication slot ' || slot_name AS what, format('SELECT pg_drop_replication_slot(%L)', slot_name) AS sql, NOT active AS ours
  FROM pg_replication_slots WHERE database = ANY ($1::text[])
UNION ALL
SELECT format('database %s (%s, owner %s)', datname, pg_size_pretty(pg_database_size(oid)), pg_get_userbyid(datdba)),
  format('DROP DATABASE %I WITH (FORCE)', datname), pg_get_userbyid(datdba) = t.owner
  FROM pg_database, unnest($1::text[], $2::text[]) AS t(database, owner) WHERE datname = t.database
UNION ALL
SELECT 'role ' || rolname, format('DROP ROLE %I', rolname), true FROM pg_roles WHERE rolname = ANY ($3::text[])
UNION ALL
SELECT format('write fence of %s on %s', proname, (SELECT string_agg(tgrelid::regclass::text, ', ') FROM pg_trigger WHERE tgfoid = p.oid)),
  format('DROP FUNCTION %I.%I() CASCADE', '${FENCE_FUNCTION}', proname), true
  FROM pg_proc p WHERE pronamespace = to_regnamespace('${FENCE_FUNCTION}') AND proname = ANY ($4::text[])
UNION ALL
SELECT 'route of ' || tool_id || ' to ' || service_url, format('DELETE FROM tool_routes WHERE tool_id = %L', tool_id), true
  FROM tool_routes WHERE tool_id = ANY ($4::text[])`;

/** Slots, databases, roles, fences and routes. */
export async function leftInDatabase({ client, settled }: LeftoverPlace): Promise<readonly Leftover[]> {
  const names = settled.map(namesOf);
  const { rows } = await client.query<Row>(FOUND, [
    names.map((name) => name.database),
    names.map((name) => name.ownerRole),
    names.flatMap((name) => [name.migratorRole, name.runtimeRole, name.ownerRole]),
    settled,
  ]);
  return rows.map(({ what, sql, ours }) => ({
    what: ours ? what : `${what}: it may be somebody else's`,
    command: sqlCommand(sql),
    clear: ours
      ? async () => {
          await client.query(sql);
        }
      : null,
  }));
}

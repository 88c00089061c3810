import type { TableCopy } from '../plan/plan.ts';
import { exactRecord } from './exact-hash.ts';
import { rowsOf, type Session } from './session.ts';

export interface Checksum {
  readonly rows: number;
  /** 128 bits, 32 hexadecimal digits. */
  readonly digest: string;
}

/**
 * Covers every column of every row, in any order: two sums of a 64-bit hash of each row. Sums, not XOR, so that two equal
 * rows do not cancel out.
 */
export async function checksumTable(
  session: Session,
  table: Pick<TableCopy, 'name' | 'compared' | 'condition'>,
): Promise<Checksum> {
  const record = await exactRecord(session, table.name, table.compared);
  // The hash of a record is linear in the hashes of its columns, so its sum would miss two rows that swap a value.
  // It is therefore hashed again: as a seed, because as a value of bigint it would lose half its bits.
  const [sums] = await rowsOf<{ rows: string; first: string; second: string }>(
    session,
    `SELECT pg_catalog.count(*) AS rows,
       coalesce(pg_catalog.sum(pg_catalog.hashint8extended(0, h.hash)), 0) AS first,
       coalesce(pg_catalog.sum(pg_catalog.hashint8extended(1, h.hash)), 0) AS second
     FROM (SELECT pg_catalog.hash_record_extended(${record}, 0) AS hash
       FROM ONLY ${table.name} AS t ${table.condition ?? ''} OFFSET 0) AS h`,
  );
  if (sums === undefined) throw new Error('an aggregate gave no row');
  return { rows: Number(sums.rows), digest: hex(BigInt(sums.first)) + hex(BigInt(sums.second)) };
}

const hex = (sum: bigint): string => BigInt.asUintN(64, sum).toString(16).padStart(16, '0');

/** The checksum of several tables together, such as the partitions of one table. */
export function addChecksums(parts: readonly Checksum[]): Checksum {
  let first = 0n;
  let second = 0n;
  for (const { digest } of parts) {
    first += BigInt(`0x${digest.slice(0, 16)}`);
    second += BigInt(`0x${digest.slice(16)}`);
  }
  return { rows: parts.reduce((sum, part) => sum + part.rows, 0), digest: hex(first) + hex(second) };
}

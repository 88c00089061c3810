import type { Finding } from '../../contracts/plan.ts';
import type { Extraction } from '../plan/extraction.ts';
import { finding } from '../plan/findings.ts';
import type { TargetFacts } from '../plan/target.ts';
import { readLargeObjectFindings } from './large-object-findings.ts';
import { lookUpLikeSource } from './run-plan.ts';
import { isStale } from './sequences.ts';
import { messageOf, rowsOf, type Session } from './session.ts';

/** What only the rows can tell: hidden rows, orphans of keys never validated, stale sequences, roles of large objects. */
export async function readRowFindings(session: Session, { plan, unvalidated }: Extraction, target: TargetFacts): Promise<Finding[]> {
  if (plan === null) return [];
  const findings: Finding[] = [];
  await lookUpLikeSource(session, plan);
  const attempt = async (work: () => Promise<void>, failed: (message: string) => void): Promise<void> => {
    await session.query('SAVEPOINT readable');
    try {
      await work();
    } catch (error) {
      await session.query('ROLLBACK TO readable');
      failed(messageOf(error));
    }
  };
  for (const { name } of plan.tables)
    await attempt(
      async () => {
        await session.query(`SELECT FROM ONLY ${name} LIMIT 0`);
      },
      (message) => findings.push(finding({ severity: 'error', code: 'table-unreadable', object: name, message: `${name} cannot be read whole: ${message}`, remedy: 'Connect as its owner, or as a role with BYPASSRLS and SELECT on it.' })),
    );
  if (findings.length > 0) return findings;
  for (const { object, count } of unvalidated)
    await attempt(
      async () => {
        const [row] = await rowsOf<{ count: string }>(session, count);
        if (row !== undefined && row.count !== '0')
          findings.push(finding({ severity: 'warning', code: 'orphan-rows', object, message: `${row.count} ${row.count === '1' ? 'row refers' : 'rows refer'} to nothing: ${object} is NOT VALID and was never made to look at them. They are copied as they are`, remedy: 'Clean them up in the source if that was not meant.' }));
      },
      (message) => findings.push(finding({ severity: 'warning', code: 'orphans-unknown', object, message: `Whether rows refer to nothing by ${object}, which is NOT VALID, could not be counted: ${message}` })),
    );
  for (const sequence of plan.sequences)
    await attempt(
      async () => {
        if (await isStale(session, sequence))
          findings.push(finding({ severity: 'warning', code: 'sequence-stale', object: sequence.name, message: `Sequence ${sequence.name} lies behind ${sequence.feeds?.table ?? ''}.${sequence.feeds?.column ?? ''}: the next numbers it gives are taken. It is copied as it is`, remedy: 'Set it in both databases with setval() if that was not meant.' }));
      },
      (message) => findings.push(finding({ severity: 'error', code: 'sequence-unreadable', object: sequence.name, message: `${sequence.name} cannot be read: ${message}`, remedy: 'Grant SELECT on it to the role that connects.' })),
    );
  for (const table of plan.tables) findings.push(...(await readLargeObjectFindings(session, table, target)));
  return findings;
} // prettier-ignore

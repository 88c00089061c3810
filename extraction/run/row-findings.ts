import type { Finding } from '../../contracts/plan.ts';
import type { Extraction } from '../plan/extraction.ts';
import { finding } from '../plan/findings.ts';
import type { SequenceCopy } from '../plan/plan.ts';
import type { TargetFacts } from '../plan/target.ts';
import { readLargeObjectFindings } from './large-object-findings.ts';
import { readNameFindings } from './name-findings.ts';
import { isStale } from './sequences.ts';
import { messageOf, rowsOf, type Session } from './session.ts';
import { setSourceSettings } from './source-settings.ts';

/** Findings that need the rows: unreadable tables, orphaned rows, stale sequences, roles of large objects. */
export async function readRowFindings(
  session: Session,
  { plan, unvalidated, extensionRows, names }: Extraction,
  target: TargetFacts,
): Promise<Finding[]> {
  if (plan === null) return [];
  await setSourceSettings(session, plan);
  const unreadable: Finding[] = [];
  for (const { name } of plan.tables) unreadable.push(...(await tableFindings(session, name)));
  if (unreadable.length > 0) return unreadable;
  const findings: Finding[] = [];
  for (const key of unvalidated) findings.push(...(await orphanFindings(session, key)));
  for (const column of names.columns) findings.push(...(await readNameFindings(session, names, column)));
  for (const rows of extensionRows) findings.push(...(await extensionRowFindings(session, rows)));
  for (const sequence of plan.sequences) findings.push(...(await sequenceFindings(session, sequence)));
  for (const table of plan.tables) findings.push(...(await readLargeObjectFindings(session, table, target)));
  return findings;
}

/** A failing read becomes a finding, and the transaction stays usable. */
async function attempt(
  session: Session,
  read: () => Promise<Finding[]>,
  onFailure: (message: string) => Finding,
): Promise<Finding[]> {
  await session.query('SAVEPOINT readable');
  try {
    return await read();
  } catch (error) {
    await session.query('ROLLBACK TO readable');
    return [onFailure(messageOf(error))];
  }
}

const tableFindings = (session: Session, name: string): Promise<Finding[]> =>
  attempt(
    session,
    async () => {
      await session.query(`SELECT FROM ONLY ${name} LIMIT 0`);
      return [];
    },
    (message) =>
      finding({
        severity: 'error',
        code: 'table-unreadable',
        object: name,
        message: `${name} cannot be read completely: ${message}`,
        remedy: 'Connect as its owner, or as a role with BYPASSRLS and SELECT on it.',
      }),
  );

const orphanFindings = (
  session: Session,
  { object, count }: Extraction['unvalidated'][number],
): Promise<Finding[]> =>
  attempt(
    session,
    async () => {
      const [row] = await rowsOf<{ count: string }>(session, count);
      if (row === undefined || row.count === '0') return [];
      return [
        finding({
          severity: 'warning',
          code: 'orphan-rows',
          object,
          message: `${row.count} ${row.count === '1' ? 'row violates' : 'rows violate'} ${object}, which is NOT VALID: the referenced rows do not exist. The rows are copied unchanged`,
          remedy: 'Delete or correct them in the source if they are not intended.',
        }),
      ];
    },
    (message) =>
      finding({
        severity: 'warning',
        code: 'orphans-unknown',
        object,
        message: `Rows that violate ${object}, which is NOT VALID, could not be counted: ${message}`,
      }),
  );

const extensionRowFindings = (
  session: Session,
  { object, condition, obstacle }: Extraction['extensionRows'][number],
): Promise<Finding[]> =>
  attempt(
    session,
    async () => {
      const [row] = await rowsOf<{ count: string }>(
        session,
        `SELECT count(*) AS count FROM ONLY ${object} ${condition}`,
      );
      if (row === undefined || row.count === '0') return [];
      const rows = `${row.count} ${row.count === '1' ? 'row' : 'rows'} of ${object}`;
      return [
        obstacle === null
          ? finding({
              severity: 'info',
              code: 'extension-rows',
              object,
              message: `${rows} that the extension's script does not create: copied with the extension`,
            })
          : finding({
              severity: 'warning',
              code: 'extension-rows',
              object,
              message: `${rows} are not copied: ${obstacle}`,
              remedy: `Copy them to the target if the extracted objects need them: SELECT * FROM ${object} ${condition};`,
            }),
      ];
    },
    (message) =>
      finding({
        severity: obstacle === null ? 'error' : 'warning',
        code: 'table-unreadable',
        object,
        message: `${object} cannot be read completely: ${message}`,
        remedy: 'Grant SELECT on it to the role that connects.',
      }),
  );

const sequenceFindings = (session: Session, sequence: SequenceCopy): Promise<Finding[]> =>
  attempt(
    session,
    async () => {
      if (!(await isStale(session, sequence))) return [];
      const { name, feeds } = sequence;
      return [
        finding({
          severity: 'warning',
          code: 'sequence-stale',
          object: name,
          message: `Sequence ${name} is behind ${feeds?.table ?? ''}.${feeds?.column ?? ''}: its next numbers are in use already. It is copied unchanged`,
          remedy: 'Correct it in both databases with setval() if that is not intended.',
        }),
      ];
    },
    (message) =>
      finding({
        severity: 'error',
        code: 'sequence-unreadable',
        object: sequence.name,
        message: `${sequence.name} cannot be read: ${message}`,
        remedy: 'Grant SELECT on it to the role that connects.',
      }),
  );

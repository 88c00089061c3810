import type { Finding } from '../../contracts/plan.ts';
import { finding } from '../plan/findings.ts';
import { statementsOf, type ExtractionPlan, type Statement } from '../plan/plan.ts';
import type { TargetFacts } from '../plan/target.ts';
import { isTrue, messageOf, openSession, type Session } from './session.ts';
import { openMaintenance } from './target.ts';

/** A statement of the plan that reads a file of the target's server, and a temporary twin that tries it. */
interface Trial {
  readonly id: string;
  readonly sql: string;
}

/** A dictionary with files of words; a thesaurus also needs another dictionary, which may not exist yet. */
function dictionaryTrial({ id, sql }: Statement): Trial[] {
  const start = `CREATE ${id} (TEMPLATE = pg_catalog.`;
  if (!id.startsWith('TEXT SEARCH DICTIONARY ') || !sql.startsWith(start)) return [];
  if (/\bdictionary = /i.test(sql)) return [];
  return [{ id, sql: sql.replace(`CREATE ${id} `, () => 'CREATE TEXT SEARCH DICTIONARY pg_temp.tried ') }];
}

/** A function in C: its library, and the function in it. */
function libraryTrial({ id, sql }: Statement): Trial[] {
  const source =
    /^CREATE (?:FUNCTION|PROCEDURE) [^$]*\n LANGUAGE c\n.*?\bAS ('.*', \$function\$.*\$function\$)\s*$/s.exec(
      sql,
    );
  if (source === null) return [];
  return [{ id, sql: `CREATE FUNCTION pg_temp.tried() RETURNS void LANGUAGE c AS ${source[1] ?? ''}` }];
}

/** Files that statements of the plan need and the target's server lacks. Every trial is rolled back. */
export async function findMissingFiles(
  url: string,
  plan: ExtractionPlan,
  target: TargetFacts,
): Promise<Finding[]> {
  const trials = statementsOf(plan).flatMap((item) => [...dictionaryTrial(item), ...libraryTrial(item)]);
  if (trials.length === 0) return [];
  const session = target.missing ? await openMaintenance(url) : await openSession({ url });
  try {
    if (!(await isTrue(session, "has_database_privilege(current_database(), 'TEMPORARY')"))) return [];
    // the validator of the language looks for the library
    await session.query('SET check_function_bodies = on');
    const findings: Finding[] = [];
    for (const trial of trials) findings.push(...(await attempt(session, trial)));
    return findings;
  } finally {
    await session.end();
  }
}

async function attempt(session: Session, { id, sql }: Trial): Promise<Finding[]> {
  await session.query('BEGIN');
  try {
    await session.query(sql);
    return [];
  } catch (error) {
    return [
      finding({
        severity: 'error',
        code: 'server-file-missing',
        object: id,
        message: `The server of the target cannot create ${id}: ${messageOf(error)}`,
        remedy: 'Install the file on that server, or stop using the object in the tables.',
      }),
    ];
  } finally {
    await session.query('ROLLBACK');
  }
}

import pg from 'pg';
import type { ExtractionPlan } from '../plan/plan.ts';
import type { Session } from './session.ts';

type Settings = Pick<ExtractionPlan, 'searchPath' | 'textSearchConfig'>;

/** Statements that give a session the source's settings on which results of functions depend. */
function statementsFor({ searchPath, textSearchConfig }: Settings, scope: 'SET' | 'SET LOCAL'): string[] {
  return [
    ...(searchPath.length === 0 ? [] : [`${scope} search_path = ${searchPath.join(', ')}`]),
    ...(textSearchConfig === undefined
      ? []
      : [`${scope} default_text_search_config = ${pg.escapeLiteral(textSearchConfig)}`]),
  ];
}

/**
 * Sets the source's search path and default text search configuration. Even a SELECT needs the path: the planner
 * inlines functions in index expressions, whose bodies may rely on it.
 */
export async function setSourceSettings(session: Session, plan: Settings): Promise<void> {
  for (const sql of statementsFor(plan, 'SET')) await session.query(sql);
}

/** The same until the end of the transaction. */
export async function setLocalSourceSettings(session: Session, plan: Settings): Promise<void> {
  for (const sql of statementsFor(plan, 'SET LOCAL')) await session.query(sql);
}

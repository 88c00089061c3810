import type { Finding } from '../../contracts/plan.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { findIn, type FindingRow } from './findings.ts';
import { statementsOf, type ExtractionPlan, type Statement } from './plan.ts';

/**
 * A database in SQL_ASCII holds any bytes. Rows pass through as bytes, but names, defaults, bodies and comments travel as
 * text, where bytes that are not UTF-8 are replaced.
 */
export const unreadableStatements = ({ server }: Catalog, plan: ExtractionPlan): Finding[] =>
  server.encoding === 'SQL_ASCII' ? findIn(statementsOf(plan), UNREADABLE).slice(0, 5) : [];

const REPLACED = '\uFFFD';

const UNREADABLE: readonly FindingRow<Statement>[] = [
  {
    code: 'text-unreadable',
    severity: 'error',
    when: ({ sql }) => sql.includes(REPLACED),
    object: ({ id }) => id,
    message: ({ id }) =>
      `${id} holds bytes that are not UTF-8, which a database in SQL_ASCII accepts: they cannot be carried over exactly`,
    remedy: () => 'Write it in ASCII or UTF-8 in the source.',
  },
];

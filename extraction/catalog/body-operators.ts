import { rowsOf, type Session } from '../run/session.ts';
import { FIRST_NORMAL_OID } from './fragments.ts';

/** User-defined operators by name, and the signatures of the built-in ones. */
export interface OperatorNames {
  readonly userDefined: ReadonlyMap<string, readonly OperatorRow[]>;
  readonly builtIn: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface OperatorRow {
  readonly oid: string;
  readonly name: string;
  readonly rawSchema: string;
  /** Oids of types; '0' for an operator without this operand. */
  readonly left: string;
  readonly right: string;
}

const OPERATORS = `
SELECT o.oid::text, o.oprname AS name, n.nspname AS "rawSchema", o.oprleft::oid::text AS left, o.oprright::oid::text AS right
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace ORDER BY o.oid`;

export async function readOperatorNames(session: Session): Promise<OperatorNames> {
  const userDefined = new Map<string, OperatorRow[]>();
  const builtIn = new Map<string, Set<string>>();
  for (const row of await rowsOf<OperatorRow>(session, OPERATORS))
    if (row.rawSchema === 'pg_catalog')
      builtIn.set(row.name, (builtIn.get(row.name) ?? new Set()).add(signature(row)));
    else userDefined.set(row.name, [...(userDefined.get(row.name) ?? []), row]);
  return { userDefined, builtIn };
}

const signature = ({ left, right }: Pick<OperatorRow, 'left' | 'right'>): string => `${left} ${right}`;

/** An operator as a body uses it. */
export interface OperatorUse {
  /** Name, with its schema first when it is qualified. */
  readonly parts: readonly string[];
  readonly operands: { readonly left: Operand; readonly right: Operand };
}

/** `number`: a numeric constant. */
export type Operand = 'none' | 'number' | 'any';

// smallint, integer, bigint, numeric, real, double precision, oid, money
const NUMBERS = new Set(['21', '23', '20', '1700', '700', '701', '26', '790']);

const fits = (operand: Operand, type: string): boolean =>
  operand === 'none'
    ? type === '0'
    : type !== '0' && (operand === 'any' || NUMBERS.has(type) || Number(type) >= FIRST_NORMAL_OID);

/**
 * User-defined operators that a body may use. The types of the operands are unknown, so the result may contain too many.
 * An operator of pg_catalog with the same types hides the others, as it does at run time.
 */
export function findOperators(
  use: OperatorUse,
  names: OperatorNames,
  path: readonly string[],
): readonly OperatorRow[] {
  const name = use.parts.at(-1) ?? '';
  const schema = use.parts.length > 1 ? use.parts.at(-2) : undefined;
  const fitting = (names.userDefined.get(name) ?? []).filter(
    (row) => fits(use.operands.left, row.left) && fits(use.operands.right, row.right),
  );
  if (schema !== undefined) return fitting.filter((row) => row.rawSchema === schema);
  const open = fitting.filter((row) => names.builtIn.get(name)?.has(signature(row)) !== true);
  const seen = open.filter((row) => path.includes(row.rawSchema));
  // the application may set its own search path
  return seen.length > 0 || names.builtIn.has(name) ? seen : open;
}

/** User-defined types of both operands. */
export const userTypesOf = ({ left, right }: OperatorRow): string[] =>
  [left, right].filter((type) => Number(type) >= FIRST_NORMAL_OID);

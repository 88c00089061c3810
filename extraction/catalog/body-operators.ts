import { rowsOf, type Session } from '../run/session.ts';

/** Operators by name: those that somebody made, and the signatures of those that every server has. */
export interface OperatorNames {
  readonly made: ReadonlyMap<string, readonly OperatorRow[]>;
  readonly builtIn: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface OperatorRow {
  readonly oid: string;
  readonly name: string;
  readonly rawSchema: string;
  /** Oids of types; '0' where an operator has no such side. */
  readonly left: string;
  readonly right: string;
}

const OPERATORS = `
SELECT o.oid::text, o.oprname AS name, n.nspname AS "rawSchema", o.oprleft::oid::text AS left, o.oprright::oid::text AS right
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace ORDER BY o.oid`;

export async function readOperatorNames(session: Session): Promise<OperatorNames> {
  const made = new Map<string, OperatorRow[]>();
  const builtIn = new Map<string, Set<string>>();
  for (const row of await rowsOf<OperatorRow>(session, OPERATORS))
    if (row.rawSchema === 'pg_catalog')
      builtIn.set(row.name, (builtIn.get(row.name) ?? new Set()).add(signature(row)));
    else made.set(row.name, [...(made.get(row.name) ?? []), row]);
  return { made, builtIn };
}

const signature = ({ left, right }: Pick<OperatorRow, 'left' | 'right'>): string => `${left} ${right}`;

/** How a body writes an operator. */
export interface OperatorUse {
  /** Schema first where it is written with one. */
  readonly parts: readonly string[];
  readonly operands: { readonly left: Operand; readonly right: Operand };
}

/** `number`: a constant that text and arrays cannot be. */
export type Operand = 'none' | 'number' | 'any';

const FIRST_NORMAL_OID = 16_384;
// smallint, integer, bigint, numeric, real, double precision, oid, money
const NUMBERS = new Set(['21', '23', '20', '1700', '700', '701', '26', '790']);

const fits = (operand: Operand, type: string): boolean =>
  operand === 'none'
    ? type === '0'
    : type !== '0' && (operand === 'any' || NUMBERS.has(type) || Number(type) >= FIRST_NORMAL_OID);

/**
 * Which operators that somebody made a body may mean. The types of its operands are not known, so these are too many
 * rather than too few; an operator that pg_catalog has for the very same types hides the others, as it does at run time.
 */
export function findOperators(
  use: OperatorUse,
  names: OperatorNames,
  path: readonly string[],
): readonly OperatorRow[] {
  const name = use.parts.at(-1) ?? '';
  const schema = use.parts.length > 1 ? use.parts.at(-2) : undefined;
  const fitting = (names.made.get(name) ?? []).filter(
    (row) => fits(use.operands.left, row.left) && fits(use.operands.right, row.right),
  );
  if (schema !== undefined) return fitting.filter((row) => row.rawSchema === schema);
  const open = fitting.filter((row) => names.builtIn.get(name)?.has(signature(row)) !== true);
  const seen = open.filter((row) => path.includes(row.rawSchema));
  // an application may have a path of its own
  return seen.length > 0 || names.builtIn.has(name) ? seen : open;
}

/** Types of both sides that do not come with every server. */
export const madeTypesOf = ({ left, right }: OperatorRow): string[] =>
  [left, right].filter((type) => Number(type) >= FIRST_NORMAL_OID);

import type { Constraint, TypeObject } from '../../catalog/catalog.ts';
import { literal } from './literal.ts';

/** CREATE TYPE or CREATE DOMAIN, with `checks` inside it. */
export function createType(type: TypeObject, checks: readonly Constraint[]): string {
  if (type.domain !== null) {
    const { base, collation, notNull, default: value } = type.domain;
    return [
      `CREATE DOMAIN ${type.name} AS ${base}`,
      collation === null ? '' : ` COLLATE ${collation}`,
      value === null ? '' : ` DEFAULT ${value}`,
      notNull ? ' NOT NULL' : '',
      ...checks.map((check) => ` CONSTRAINT ${check.name} ${check.definition}`),
    ].join('');
  }
  if (type.range !== null && type.kind === 'r') {
    const { subtype, multirange, opclass, collation, subdiff } = type.range;
    const options = [
      `SUBTYPE = ${subtype}`,
      opclass === null ? null : `SUBTYPE_OPCLASS = ${opclass}`,
      collation === null ? null : `COLLATION = ${collation}`,
      subdiff === null ? null : `SUBTYPE_DIFF = ${subdiff}`,
      `MULTIRANGE_TYPE_NAME = ${multirange}`,
    ];
    return `CREATE TYPE ${type.name} AS RANGE (${options.filter((option) => option !== null).join(', ')})`;
  }
  if (type.kind === 'e') return `CREATE TYPE ${type.name} AS ENUM (${type.labels.map(literal).join(', ')})`;
  const attributes = type.attributes.map(
    (a) => `${a.name} ${a.type}${a.collation === null ? '' : ` COLLATE ${a.collation}`}`,
  );
  return `CREATE TYPE ${type.name} AS (${attributes.join(', ')})`;
}

export const typeWord = (type: TypeObject): 'DOMAIN' | 'TYPE' => (type.kind === 'd' ? 'DOMAIN' : 'TYPE');

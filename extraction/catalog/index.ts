import type { Catalog, Dependency, FunctionObject } from './catalog.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { readBody, readExpression } from './bodies.ts';
import { nameKey, type Names } from './body-names.ts';
import { readOperatorNames } from './body-operators.ts';
import { readBystanders } from './bystanders.ts';
import { readConstraints } from './constraints.ts';
import { readComments, readDependencies } from './dependencies.ts';
import { readFunctions, type FunctionRow } from './functions.ts';
import { readIndexes } from './indexes.ts';
import { readPlain } from './plain.ts';
import { readRelations } from './relations.ts';
import { readDefaultAcls, readExtensions, readMembers, readSchemas } from './schemas.ts';
import { readSequences } from './sequences.ts';
import { readPolicies, readRules, readStatistics, readTriggers } from './triggers.ts';
import { readTypes } from './types.ts';

const SERVER = `
SELECT current_setting('server_version_num') AS version, d.datname AS database, pg_encoding_to_char(d.encoding) AS encoding,
  d.datcollate AS collate, d.datctype AS ctype, quote_ident(current_user) AS user,
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser
FROM pg_database d WHERE d.datname = current_database()`;

/**
 * Reads everything about the user's objects in one go, inside whatever transaction the session is in.
 * `searchPath` is the one that a plain connection has: bodies of functions are looked up in it.
 */
export async function readCatalog(session: Session, searchPath: readonly string[]): Promise<Catalog> {
  const [server] = await rowsOf<Omit<Catalog['server'], 'version' | 'searchPath'> & { version: string }>(
    session,
    SERVER,
  );
  if (server === undefined) throw new Error('pg_database has no row for the current database');
  const version = Number(server.version);
  const relations = await readRelations(session);
  const sequences = await readSequences(session);
  const types = await readTypes(session);
  const functionRows = await readFunctions(session);
  const names: Names = {
    relations: new Map(
      relations.filter((r) => r.kind !== 'c').map((r) => [nameKey(r.rawSchema, r.rawName), r.oid]),
    ),
    sequences: new Map(sequences.map((s) => [nameKey(s.rawSchema, s.rawName), s.oid])),
    types: new Map(types.flatMap((t) => typeKeys(t.name).map((key) => [key, t.oid]))),
    functions: groupFunctions(functionRows),
    operators: await readOperatorNames(session),
    searchPath,
  };
  const functions: FunctionObject[] = [];
  for (const row of functionRows) functions.push({ ...row, body: await readBody(row, names) });
  return {
    server: { ...server, version, searchPath },
    schemas: await readSchemas(session),
    extensions: await readExtensions(session),
    members: await readMembers(session),
    relations,
    sequences,
    constraints: await readConstraints(session, version),
    indexes: await readIndexes(session),
    ...{ triggers: await readTriggers(session), rules: await readRules(session) },
    ...{ policies: await readPolicies(session), statistics: await readStatistics(session) },
    types,
    functions,
    plain: await readPlain(session, version),
    defaultAcls: await readDefaultAcls(session),
    bystanders: await readBystanders(session),
    dependencies: [...(await readDependencies(session)), ...(await textualDependencies(relations, names))],
    comments: await readComments(session),
  };
}

/** Defaults that name a sequence as text, which pg_depend does not know: `nextval(('public.s'::text)::regclass)`. */
async function textualDependencies(relations: Catalog['relations'], names: Names): Promise<Dependency[]> {
  const found: Dependency[] = [];
  for (const relation of relations)
    for (const column of relation.columns) {
      if (column.expression === null || column.expressionOid === null) continue;
      if (!/(nextval|currval|setval)\(/.test(column.expression)) continue;
      for (const oid of (await readExpression(column.expression, names)).sequences)
        found.push({
          from: `pg_attrdef:${column.expressionOid}`,
          fromColumn: 0,
          to: `pg_class:${oid}`,
          toColumn: 0,
          kind: 'text',
        });
    }
  return found;
}

function typeKeys(name: string): string[] {
  const parts = [...name.matchAll(/"((?:[^"]|"")+)"|[^."]+/g)].map(
    (m) => m[1]?.replaceAll('""', '"') ?? m[0],
  );
  return parts.length === 2 ? [nameKey(parts[0] ?? '', parts[1] ?? '')] : [];
}

function groupFunctions(rows: readonly FunctionRow[]): Map<string, FunctionRow[]> {
  const groups = new Map<string, FunctionRow[]>();
  for (const row of rows) {
    const key = nameKey(row.rawSchema, row.rawName);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

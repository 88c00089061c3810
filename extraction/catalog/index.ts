import type { Catalog, FunctionObject } from './catalog.ts';
import { LOCALE, readVersion, TEXT_SEARCH_CONFIG } from './database.ts';
import { rowsOf, type Session } from '../run/session.ts';
import { noReferences, readBody } from './bodies.ts';
import { nameKey, type Names } from './body-names.ts';
import { readOperatorNames } from './body-operators.ts';
import { readBystanders } from './bystanders.ts';
import { readConstraints } from './constraints.ts';
import { readComments, readDependencies } from './dependencies.ts';
import { readFunctions, type FunctionRow } from './functions.ts';
import { readExtensionPrivileges } from './extension-privileges.ts';
import { readIndexes } from './indexes.ts';
import { readSignatures } from './name-types.ts';
import { readPlain, readPlainNames } from './plain.ts';
import { readRelations } from './relations.ts';
import { readDefaultAcls, readExtensions, readMembers, readSchemas } from './schemas.ts';
import { readSequences } from './sequences.ts';
import { readPolicies, readRules, readStatistics, readTriggers } from './triggers.ts';
import { readTextDependencies } from './text-dependencies.ts';
import { readTypes } from './types.ts';

const server = (version: number): string => `
SELECT d.datname AS database, pg_encoding_to_char(d.encoding) AS encoding,
  ${LOCALE(version)}, quote_ident(current_user) AS user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
  ${TEXT_SEARCH_CONFIG} AS "textSearchConfig"
FROM pg_database d WHERE d.datname = current_database()`;

/**
 * Reads all of the user's objects, inside the transaction of the session. `searchPath` is that of a plain connection;
 * names in function bodies are resolved with it.
 */
export async function readCatalog(session: Session, searchPath: readonly string[]): Promise<Catalog> {
  const version = await readVersion(session);
  const [row] = await rowsOf<Omit<Catalog['server'], 'version' | 'searchPath'>>(session, server(version));
  if (row === undefined) throw new Error('pg_database has no row for the current database');
  const relations = await readRelations(session);
  const sequences = await readSequences(session);
  const types = await readTypes(session);
  const functionRows = await readFunctions(session);
  const constraints = await readConstraints(session, version);
  const indexes = await readIndexes(session);
  const parts = {
    triggers: await readTriggers(session),
    rules: await readRules(session),
    policies: await readPolicies(session),
    statistics: await readStatistics(session),
  };
  const schemas = await readSchemas(session);
  const members = await readMembers(session);
  const plain = await readPlain(session, version);
  const names: Names = {
    relations: new Map(
      relations.filter((r) => r.kind !== 'c').map((r) => [nameKey(r.rawSchema, r.rawName), r.oid]),
    ),
    sequences: new Map(sequences.map((s) => [nameKey(s.rawSchema, s.rawName), s.oid])),
    types: new Map(types.flatMap((t) => typeKeys(t.name).map((key) => [key, t.oid]))),
    functions: groupFunctions(functionRows),
    operators: await readOperatorNames(session),
    plain: await readPlainNames(session),
    schemas: new Map(schemas.map(({ oid, rawName }) => [rawName, `pg_namespace:${oid}`])),
    signatures: await readSignatures(session),
    searchPath,
  };
  const functions: FunctionObject[] = [];
  for (const row of functionRows) {
    const isMember = members[`pg_proc:${row.oid}`] !== undefined;
    functions.push({ ...row, body: isMember ? noReferences() : await readBody(row, names) });
  }
  const read = { relations, constraints, indexes, ...parts, functions, plain };
  return {
    server: { ...row, version, searchPath },
    schemas,
    extensions: await readExtensions(session),
    extensionPrivileges: await readExtensionPrivileges(session),
    members,
    relations,
    sequences,
    constraints,
    indexes,
    ...parts,
    types,
    functions,
    plain,
    defaultAcls: await readDefaultAcls(session),
    bystanders: await readBystanders(session),
    dependencies: [
      ...(await readDependencies(session)),
      ...(await readTextDependencies(read, names, members)),
    ],
    comments: await readComments(session),
  };
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

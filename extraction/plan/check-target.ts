import type { Finding } from '../../contracts/plan.ts';
import { finding } from './findings.ts';
import type { PlanInput } from './input.ts';
import type { ExtractionPlan } from './plan.ts';

const SUPERUSER_ONLY =
  /^CREATE (OPERATOR (CLASS|FAMILY)|TEXT SEARCH (PARSER|TEMPLATE)|CAST .* WITHOUT FUNCTION)|^CREATE (FUNCTION|PROCEDURE) [^$]*\bLEAKPROOF\b/s;

/** Whatever in the target would stop the plan, or make it come out differently. */
export function checkTarget(parts: PlanInput, plan: ExtractionPlan): Finding[] {
  const { catalog, target, selection } = parts;
  const found: Finding[] = [];
  const refuse = (code: string, object: string, message: string, remedy: string): void =>
    void found.push(finding({ severity: 'error', code, object, message, remedy }));
  for (const item of plan.before) {
    if (item.undo === '') continue;
    const name = item.id.replace(/^(TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE) /, 'relation ').replace(/^(FUNCTION|PROCEDURE|AGGREGATE) /, 'function ').replace(/^(TYPE|DOMAIN) /, 'type ');
    if (target.existing.includes(name)) refuse('target-exists', item.id.replace(/^\S+ /, ''), `The target has ${name} already`, `Name an empty database, or drop it there first: DROP ${item.id};`);
  }
  for (const name of [...plan.sequences, ...parts.boundary.views].map((item) => item.name))
    if (target.existing.includes(`relation ${name}`) && !found.some((f) => f.object === name)) refuse('target-exists', name, `The target has relation ${name} already`, 'Name an empty database, or drop it there first.');
  for (const extension of catalog.extensions) {
    if (!parts.extensions.has(extension.oid)) continue;
    const installed = target.installed[extension.rawName];
    const available = target.extensions[extension.rawName] ?? [];
    if (installed !== undefined) {
      if (installed.schema !== extension.schema)
        refuse('extension-differs', extension.name, `The target has extension ${extension.name} in schema ${installed.schema}; the source has it in ${extension.schema}`, `ALTER EXTENSION ${extension.name} SET SCHEMA ${extension.schema};`);
      else if (installed.version !== extension.version)
        found.push(finding({ severity: 'warning', code: 'extension-version', object: extension.name, message: `The target has extension ${extension.name} ${installed.version}; the source has ${extension.version}`, remedy: `ALTER EXTENSION ${extension.name} UPDATE where the older one is.` }));
    } else if (!target.superuser && target.superuserExtensions?.includes(extension.rawName) === true)
      refuse('needs-superuser', extension.name, `Extension ${extension.name} may be created by a superuser only, and ${target.user} is none`, `Have it created in the target first: CREATE EXTENSION ${extension.name} WITH SCHEMA ${extension.schema};`);
    else if (available.length === 0)
      refuse('extension-missing', extension.name, `Extension ${extension.name} is needed and the target's server does not offer it`, `Install the package that brings ${extension.name} on that server.`);
    else if (!available.includes(extension.version))
      found.push(finding({ severity: 'warning', code: 'extension-version', object: extension.name, message: `Extension ${extension.name} is ${extension.version} in the source; the target's server offers ${[...available].sort().join(', ')}: it gets its default one`, remedy: 'Read what changed between the two versions.' }));
  }
  if (!target.superuser)
    for (const item of [...plan.before, ...plan.after])
      if (SUPERUSER_ONLY.test(item.sql)) refuse('needs-superuser', item.id.replace(/^\S+ /, ''), `${item.id} may be created by a superuser only, and ${target.user} is none`, 'Connect to the target as a superuser, or package it as an extension.');
  if (target.encoding !== null && target.encoding !== catalog.server.encoding)
    refuse('encoding-differs', target.database, `The target's encoding is ${target.encoding}; the source's is ${catalog.server.encoding}`, `Create the target with TEMPLATE template0 ENCODING '${catalog.server.encoding}'.`);
  if (target.collate !== null && target.collate !== catalog.server.collate)
    found.push(finding({ severity: 'warning', code: 'locale-differs', object: target.database, message: `The target sorts by ${target.collate}, the source by ${catalog.server.collate}: text comes out in another order`, remedy: `For the same order create the target with LC_COLLATE '${catalog.server.collate}'.` }));
  if (target.missing && !target.canCreateDatabase)
    refuse('target-missing', target.database, `Database ${target.database} does not exist and ${target.user} may not create it`, `Have it created: CREATE DATABASE ${target.database} TEMPLATE template0;`);
  if (!target.missing && !target.canCreateInDatabase)
    refuse('target-forbidden', target.database, `${target.user} may not create anything in ${target.database}`, `GRANT CREATE ON DATABASE ${target.database} TO ${target.user};`);
  const methods = [...selection.tables, ...parts.boundary.views].flatMap((table) => (table.accessMethod === null ? [] : [[table.name, table.accessMethod] as const]));
  for (const [name, method] of methods)
    if (!target.accessMethods.includes(method) && catalog.members[`pg_am:${method}`] === undefined && ![...parts.extensions].length)
      refuse('access-method-missing', name, `${name} is stored by ${method}, which the target does not have`, `Install the extension that brings ${method}.`);
  for (const table of [...selection.tables, ...parts.kept.indexes])
    if (table.tablespace !== null && !target.tablespaces.includes(table.tablespace))
      found.push(finding({ severity: 'warning', code: 'tablespace-mapped', object: table.name, message: `${table.name} lies in tablespace ${table.tablespace}, which the target's server does not have: it goes to the default one`, remedy: `To keep it: CREATE TABLESPACE ${table.tablespace} LOCATION '…';` }));
  for (const fn of catalog.functions)
    if (parts.included.has(`pg_proc:${fn.oid}`) && !target.languages.includes(fn.language) && !languageOfExtension(parts, fn.language))
      refuse('language-missing', fn.identity, `${fn.identity} is written in ${fn.language}, which the target does not have`, `CREATE EXTENSION ${fn.language};`);
  for (const policy of parts.kept.policies)
    for (const role of policy.roles)
      if (role !== 'PUBLIC' && !target.roles.includes(role))
        refuse('role-missing', `${policy.name} ON ${parts.graph.relations.get(policy.table)?.name ?? ''}`, `Policy ${policy.name} is for ${role}, a role that the target does not have`, `Create it there first: CREATE ROLE ${role};`);
  if (target.version < 180_000) {
    for (const table of selection.tables)
      for (const column of table.columns)
        if (column.generated === 'v') refuse('virtual-column', `${table.name}.${column.name}`, `${table.name}.${column.name} is a virtual generated column, which the target (PostgreSQL ${Math.floor(target.version / 10_000)}) does not know`, 'Use PostgreSQL 18 for the target.');
    for (const constraint of parts.kept.constraints)
      if (constraint.kind === 'n' && !constraint.validated) refuse('constraint-unknown', `${constraint.name} ON ${parts.graph.relations.get(constraint.table ?? '')?.name ?? ''}`, `${constraint.name} is a NOT NULL that was never validated, which PostgreSQL ${Math.floor(target.version / 10_000)} does not know`, 'Use PostgreSQL 18 for the target, or validate it.');
      else if (constraint.period || /\bPERIOD\b.* REFERENCES | NOT ENFORCED$/.test(constraint.definition)) refuse('constraint-unknown', `${constraint.name} ON ${parts.graph.relations.get(constraint.table ?? '')?.name ?? ''}`, `${constraint.name} is of a kind that PostgreSQL ${Math.floor(target.version / 10_000)} does not know`, 'Use PostgreSQL 18 for the target.');
  }
  return found;
} // prettier-ignore

function languageOfExtension(parts: PlanInput, language: string): boolean {
  return parts.catalog.extensions.some((item) => item.rawName === language && parts.extensions.has(item.oid));
}

import type { Extension, Key } from '../../catalog/catalog.ts';
import { setOwner, type Assembly } from '../assembly.ts';
import { sortByNeed } from '../closure/graph.ts';
import { literal } from '../ddl/literal.ts';
import type { PlanInput } from '../input.ts';
import type { Statement } from '../plan.ts';
import { offersVersion } from '../target.ts';
import { dropOf, statement } from '../statement.ts';

export function createSchemas({ newSchemas, owners }: Assembly): Statement[] {
  return newSchemas.flatMap(({ name, owner }) => [
    statement(`SCHEMA ${name}`, `CREATE SCHEMA ${name}`, { undo: `DROP SCHEMA ${name} CASCADE` }),
    setOwner(`SCHEMA ${name}`, owners.ownerOf(owner)),
  ]);
}

/** Extensions that the target lacks, needs first. */
export function createExtensions(input: PlanInput): Statement[] {
  const keys = [...input.extensions].map((oid): Key => `pg_extension:${oid}`);
  return sortByNeed(keys, input.graph.needs).flatMap((key) => {
    const extension = input.catalog.extensions.find((item) => `pg_extension:${item.oid}` === key);
    if (extension === undefined || input.target.installed[extension.rawName] !== undefined) return [];
    const { name, schema } = extension;
    const sql = `CREATE EXTENSION ${name} WITH SCHEMA ${schema}${versionOf(input, extension)}`;
    return [statement(`EXTENSION ${name}`, sql, { undo: dropOf(`EXTENSION ${name}`) })];
  });
}

/** The source's version where the target's server offers it; otherwise the server's default, with a finding. */
function versionOf({ target }: PlanInput, extension: Extension): string {
  return offersVersion(target, extension) ? ` VERSION ${literal(extension.version)}` : '';
}

import type { Assembly } from '../assembly.ts';
import { grantStatements, initialGrants, type AclTarget } from '../ddl/acl.ts';
import type { Grant, Relation } from '../../catalog/catalog.ts';
import type { Statement } from '../plan.ts';
import { statements } from '../statement.ts';
import { relationsOf } from './triggers.ts';

interface Granted extends Pick<AclTarget, 'kind' | 'name' | 'column'> {
  readonly id: string;
  /** Schema that holds it; '' for a schema. */
  readonly schema: string;
  /** Owner in the source. */
  readonly owner: string;
  readonly acl: readonly Grant[] | null;
  /** Name of the object in findings. */
  readonly label: string;
}

/** Grants of every new object, as in the source. */
export const grantPrivileges = (assembly: Assembly): Statement[] =>
  [
    ...schemas(assembly),
    ...objects(assembly),
    ...identitySequences(assembly),
    ...relationsOf(assembly).flatMap((relation) => [
      ...(assembly.selection.oids.has(relation.oid) ? [table(relation)] : []),
      ...columns(relation),
    ]),
  ].flatMap((granted) => grant(assembly, granted));

const schemas = ({ newSchemas }: Assembly): Granted[] =>
  newSchemas.map(({ name, owner, acl }) => {
    const label = `SCHEMA ${name}`;
    return { id: `ACL ${label}`, kind: 'SCHEMA', name, schema: '', owner, acl, label };
  });

const objects = (assembly: Assembly): Granted[] =>
  [...assembly.objects.values()].flatMap(({ address, aclKind, aclName, object }) => {
    const { owner, acl, schema } = object;
    return aclKind === null
      ? []
      : [{ id: `ACL ${address}`, kind: aclKind, name: aclName, schema, owner, acl, label: address }];
  });

const identitySequences = ({ catalog, selection }: Assembly): Granted[] =>
  catalog.sequences
    .filter(({ ownedBy }) => ownedBy?.identity === true && selection.oids.has(ownedBy.table))
    .map(({ name, schema, owner, acl }) => {
      const label = `SEQUENCE ${name}`;
      return { id: `ACL ${label}`, kind: 'SEQUENCE', name, schema, owner, acl, label };
    });

const table = ({ name, schema, owner, acl }: Relation): Granted => ({
  id: `ACL TABLE ${name}`,
  kind: 'TABLE',
  name,
  schema,
  owner,
  acl,
  label: name,
});

const columns = ({ name, schema, owner, columns: all }: Relation): Granted[] =>
  all.map((column) => {
    const label = `${name}.${column.name}`;
    return {
      id: `ACL COLUMN ${label}`,
      kind: 'TABLE',
      name,
      schema,
      column: column.name,
      owner,
      acl: column.acl,
      label,
    };
  });

function grant(assembly: Assembly, granted: Granted): Statement[] {
  const { owners, catalog, target } = assembly;
  const { id, kind, name, column, label, owner, acl } = granted;
  const newOwner = owners.ownerOf(owner);
  const byDefault = column === undefined ? defaultGrantees(assembly, granted) : null;
  const initial = byDefault === null ? null : initialGrants(kind, newOwner, target.version);
  return statements(
    id,
    grantStatements({
      kind,
      name,
      ...(column === undefined ? {} : { column }),
      owner: newOwner,
      granted: byDefault ?? [],
      acl: owners.grantsOf(acl, owner, label) ?? initial,
      version: catalog.server.version,
    }),
  );
}

const DEFAULT_ACL_OBJECTS: Readonly<Record<AclTarget['kind'], string>> = {
  TABLE: 'TABLES',
  SEQUENCE: 'SEQUENCES',
  FUNCTION: 'FUNCTIONS',
  SCHEMA: 'SCHEMAS',
  TYPE: 'TYPES',
};

/** Roles that default privileges of the target give rights on a new object; `null` where there are no such privileges. */
function defaultGrantees({ target }: Assembly, { kind, schema }: Granted): string[] | null {
  const applying = (target.defaultAcls ?? []).filter(
    (item) =>
      item.role === target.user &&
      item.objects === DEFAULT_ACL_OBJECTS[kind] &&
      (item.schema === '' || item.schema === schema),
  );
  return applying.length === 0
    ? null
    : applying.flatMap(({ acl }) => acl.map(({ grantee }) => grantee)).filter((role) => role !== target.user);
}

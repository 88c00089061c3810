import type { Assembly } from '../assembly.ts';
import { grantStatements, type AclTarget } from '../ddl/acl.ts';
import type { Grant, Relation } from '../../catalog/catalog.ts';
import type { Statement } from '../plan.ts';
import { statements } from '../statement.ts';
import { relationsOf } from './triggers.ts';

interface Granted extends Pick<AclTarget, 'kind' | 'name' | 'column'> {
  readonly id: string;
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
    return { id: `ACL ${label}`, kind: 'SCHEMA', name, owner, acl, label };
  });

const objects = (assembly: Assembly): Granted[] =>
  [...assembly.objects.values()].flatMap(({ address, aclKind, aclName, object }) => {
    const { owner, acl } = object;
    return aclKind === null
      ? []
      : [{ id: `ACL ${address}`, kind: aclKind, name: aclName, owner, acl, label: address }];
  });

const identitySequences = ({ catalog, selection }: Assembly): Granted[] =>
  catalog.sequences
    .filter(({ ownedBy }) => ownedBy?.identity === true && selection.oids.has(ownedBy.table))
    .map(({ name, owner, acl }) => {
      const label = `SEQUENCE ${name}`;
      return { id: `ACL ${label}`, kind: 'SEQUENCE', name, owner, acl, label };
    });

const table = ({ name, owner, acl }: Relation): Granted => ({
  id: `ACL TABLE ${name}`,
  kind: 'TABLE',
  name,
  owner,
  acl,
  label: name,
});

const columns = ({ name, owner, columns: all }: Relation): Granted[] =>
  all.map((column) => {
    const label = `${name}.${column.name}`;
    return {
      id: `ACL COLUMN ${label}`,
      kind: 'TABLE',
      name,
      column: column.name,
      owner,
      acl: column.acl,
      label,
    };
  });

function grant({ owners, catalog }: Assembly, granted: Granted): Statement[] {
  const { id, label, owner, acl, ...target } = granted;
  return statements(
    id,
    grantStatements({
      ...target,
      owner: owners.ownerOf(owner),
      acl: owners.grantsOf(acl, owner, label),
      version: catalog.server.version,
    }),
  );
}

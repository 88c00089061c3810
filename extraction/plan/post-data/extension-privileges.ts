import type { Extension, ExtensionPrivilege, Grant } from '../../catalog/catalog.ts';
import type { Section } from '../assembly.ts';
import { MAINTAIN } from '../ddl/acl.ts';
import { finding } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import { statements } from '../statement.ts';
import { obstacleToMembers } from '../target.ts';

/** Privileges on members of extensions that were changed after CREATE EXTENSION, as pg_dump keeps them. */
export function extensionPrivileges(input: PlanInput): Section {
  const changed = input.catalog.extensionPrivileges.flatMap((item) => {
    const extension = input.catalog.extensions.find(({ oid }) => oid === item.extension);
    return extension !== undefined && input.extensions.has(extension.oid)
      ? [{ ...item, obstacle: obstacleTo(input, item, extension) }]
      : [];
  });
  return {
    statements: changed
      .filter(({ obstacle }) => obstacle === null)
      .flatMap((item) => statements(`ACL ${labelOf(item)}`, changesOf(input, item))),
    findings: changed.flatMap((item) =>
      item.obstacle === null
        ? []
        : [
            finding({
              severity: 'warning',
              code: 'extension-privileges',
              object: labelOf(item),
              message: `The privileges on ${labelOf(item)} were changed in the source after its extension was created; they are not changed in the target: ${item.obstacle}`,
              remedy: `To have the same: ${changesOf(input, item).join('; ')};`,
            }),
          ],
    ),
  };
}

const labelOf = ({ on, column }: ExtensionPrivilege): string => (column === null ? on : `${on} (${column})`);

function obstacleTo(
  { target, ownership }: PlanInput,
  item: ExtensionPrivilege,
  extension: Extension,
): string | null {
  if (ownership.owner !== null) return "the service's roles replace those of the source";
  const unknown = item.acl.find(
    ({ grantee }) => grantee !== 'PUBLIC' && grantee !== item.owner && !target.roles.includes(grantee),
  );
  return (
    obstacleToMembers(target, extension) ??
    (unknown === undefined ? null : `role ${unknown.grantee} does not exist`)
  );
}

const isSame = (a: Grant, b: Grant): boolean =>
  a.grantee === b.grantee && a.privilege === b.privilege && a.grantable === b.grantable;

/** REVOKE and GRANT from the initial privileges to those of the source. */
function changesOf({ target }: PlanInput, { on, column, owner, acl, initial }: ExtensionPrivilege): string[] {
  const privilegeOf = ({ privilege }: Grant): string =>
    column === null ? privilege : `${privilege} (${column})`;
  // the extension belongs to the role that creates it
  const roleOf = ({ grantee }: Grant): string => (grantee === owner ? target.user : grantee);
  const without = (grants: readonly Grant[], others: readonly Grant[]): Grant[] =>
    grants
      .filter(({ privilege }) => privilege !== 'MAINTAIN' || target.version >= MAINTAIN)
      .filter((grant) => !others.some((other) => isSame(grant, other)));
  return [
    ...without(initial, acl).map((grant) => `REVOKE ${privilegeOf(grant)} ON ${on} FROM ${roleOf(grant)}`),
    ...without(acl, initial).map(
      (grant) =>
        `GRANT ${privilegeOf(grant)} ON ${on} TO ${roleOf(grant)}${grant.grantable ? ' WITH GRANT OPTION' : ''}`,
    ),
  ];
}

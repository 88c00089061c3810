import type { Assembly, Section } from '../assembly.ts';
import type { Statement } from '../plan.ts';
import { setComments } from './comments.ts';
import { addDomainChecks } from './constraints.ts';
import { databaseSettings } from './database-settings.ts';
import { defaultPrivileges } from './default-privileges.ts';
import { defaultTextSearch } from './default-text-search.ts';
import { extensionPrivileges } from './extension-privileges.ts';
import { tieToExtensions } from './extension-ties.ts';
import { grantPrivileges } from './privileges.ts';
import { schemaGrants } from './schema-grants.ts';
import { grantToService } from './service-grants.ts';
import { createPolicies, createRulesAndTriggers, createStatistics, finishTables } from './triggers.ts';
import { createLateObjects } from './views.ts';

/** Everything that needs complete tables, in order. Indexes and constraints are sections of their own. */
export const postData = (assembly: Assembly): Statement[] => [
  ...addDomainChecks(assembly),
  ...createLateObjects(assembly),
  ...createStatistics(assembly),
  ...createRulesAndTriggers(assembly),
  ...createPolicies(assembly),
  ...finishTables(assembly),
  ...tieToExtensions(assembly),
  ...setComments(assembly),
  ...grantPrivileges(assembly),
  ...grantToService(assembly),
];

/**
 * Settings of the database around the tables. Comes last of all: default privileges would apply to objects that are
 * created after them. A service has roles of its own, so only settings are copied for it.
 */
export function databaseSection(assembly: Assembly): Section {
  const sections =
    assembly.ownership.owner === null
      ? [
          extensionPrivileges(assembly),
          schemaGrants(assembly),
          defaultPrivileges(assembly),
          databaseSettings(assembly),
          defaultTextSearch(assembly),
        ]
      : [extensionPrivileges(assembly), databaseSettings(assembly), defaultTextSearch(assembly)];
  return {
    statements: sections.flatMap((section) => section.statements),
    findings: sections.flatMap((section) => section.findings),
  };
}

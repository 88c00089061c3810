import type { Assembly, Section } from '../assembly.ts';
import type { Statement } from '../plan.ts';
import { setComments } from './comments.ts';
import { addDomainChecks } from './constraints.ts';
import { databaseSettings } from './database-settings.ts';
import { defaultPrivileges } from './default-privileges.ts';
import { tieToExtensions } from './extension-ties.ts';
import { grantPrivileges } from './privileges.ts';
import { schemaGrants } from './schema-grants.ts';
import { grantToService } from './service-grants.ts';
import { createPolicies, createRulesAndTriggers, createStatistics, finishTables } from './triggers.ts';
import { createLateObjects } from './views.ts';

/** Everything that stands on complete tables, in order. Indexes and constraints are sections of their own. */
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
 * Settings of the database around the tables. Comes last of all: default privileges would reach objects that are
 * created after them. A service has roles of its own, so only settings are copied for it.
 */
export function databaseSection(assembly: Assembly): Section {
  const sections =
    assembly.ownership.owner === null
      ? [schemaGrants(assembly), defaultPrivileges(assembly), databaseSettings(assembly)]
      : [databaseSettings(assembly)];
  return {
    statements: sections.flatMap((section) => section.statements),
    findings: sections.flatMap((section) => section.findings),
  };
}

import type { Finding } from '../../../contracts/plan.ts';
import { findIn, type FindingRow } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import type { ExtractionPlan, Statement } from '../plan.ts';
import type { TargetFacts } from '../target.ts';
import { withoutKind } from './objects.ts';

/** The target database itself: its encoding, its locale, and what the user may do in it. */
export const checkDatabase = ({ target, catalog }: PlanInput, plan: ExtractionPlan): Finding[] => [
  ...findIn([...plan.before, ...plan.after], superuserOnly(target)),
  ...findIn([{ target, source: catalog.server }], DATABASE),
  ...findIn(target.eventTriggers ?? [], EVENT_TRIGGER),
];

const EVENT_TRIGGER: readonly FindingRow<string>[] = [
  {
    code: 'target-event-trigger',
    severity: 'warning',
    when: () => true,
    object: (name) => name,
    message: (name) =>
      `Event trigger ${name} of the target runs while objects are created: it may change them or their privileges`,
    remedy: (name) => `To prevent that: ALTER EVENT TRIGGER ${name} DISABLE; until the extraction has ended.`,
  },
];

const SUPERUSER_ONLY =
  /^CREATE (OPERATOR (CLASS|FAMILY)|TEXT SEARCH (PARSER|TEMPLATE)|CAST .* WITHOUT FUNCTION)|^CREATE (FUNCTION|PROCEDURE) [^$]*\b(LEAKPROOF|LANGUAGE c)\b/s;

const superuserOnly = ({ superuser, user }: TargetFacts): FindingRow<Statement>[] => [
  {
    code: 'needs-superuser',
    severity: 'error',
    when: ({ sql }) => !superuser && SUPERUSER_ONLY.test(sql),
    object: ({ id }) => withoutKind(id),
    message: ({ id }) => `${id} can only be created by a superuser, and ${user} is not one`,
    remedy: () => 'Connect to the target as a superuser, or package it as an extension.',
  },
];

interface Databases {
  readonly target: TargetFacts;
  readonly source: PlanInput['catalog']['server'];
}

const DATABASE: readonly FindingRow<Databases>[] = [
  {
    code: 'encoding-differs',
    severity: 'error',
    when: ({ target, source }) => target.encoding !== null && target.encoding !== source.encoding,
    object: ({ target }) => target.database,
    message: ({ target, source }) =>
      `The target's encoding is ${target.encoding ?? ''}; the source's is ${source.encoding}`,
    remedy: ({ source }) => `Create the target with TEMPLATE template0 ENCODING '${source.encoding}'.`,
  },
  {
    code: 'target-missing',
    severity: 'error',
    when: ({ target }) => target.missing && !target.canCreateDatabase,
    object: ({ target }) => target.database,
    message: ({ target }) => `Database ${target.database} does not exist and ${target.user} cannot create it`,
    remedy: ({ target }) =>
      `Ask an administrator to run: CREATE DATABASE ${target.database} TEMPLATE template0;`,
  },
  {
    code: 'target-forbidden',
    severity: 'error',
    when: ({ target }) => !target.missing && !target.canCreateInDatabase,
    object: ({ target }) => target.database,
    message: ({ target }) => `${target.user} cannot create objects in ${target.database}`,
    remedy: ({ target }) => `GRANT CREATE ON DATABASE ${target.database} TO ${target.user};`,
  },
];

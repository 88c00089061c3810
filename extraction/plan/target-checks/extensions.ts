import type { Finding } from '../../../contracts/plan.ts';
import type { Extension } from '../../catalog/catalog.ts';
import { findIn, type FindingRow } from '../findings.ts';
import type { PlanInput } from '../input.ts';
import type { TargetFacts } from '../target.ts';

/** Extensions that the target lacks, has in another schema or version, or that its user may not create. */
export const checkExtensions = (input: PlanInput): Finding[] => findIn(extensionsOf(input), EXTENSION);

type ExtensionState =
  'ready' | 'other-schema' | 'other-version' | 'needs-superuser' | 'unavailable' | 'default-version';

interface NeededExtension extends Extension {
  readonly state: ExtensionState;
  readonly installed: TargetFacts['installed'][string] | undefined;
  readonly available: readonly string[];
  readonly user: string;
}

function extensionsOf({ catalog, extensions, target }: PlanInput): NeededExtension[] {
  return catalog.extensions
    .filter((extension) => extensions.has(extension.oid))
    .map((extension) => ({
      ...extension,
      state: stateOf(extension, target),
      installed: target.installed[extension.rawName],
      available: target.extensions[extension.rawName] ?? [],
      user: target.user,
    }));
}

function stateOf({ rawName, schema, version }: Extension, target: TargetFacts): ExtensionState {
  const installed = target.installed[rawName];
  const available = target.extensions[rawName] ?? [];
  if (installed !== undefined && installed.schema !== schema) return 'other-schema';
  if (installed !== undefined) return installed.version === version ? 'ready' : 'other-version';
  if (!target.superuser && target.superuserExtensions?.includes(rawName) === true) return 'needs-superuser';
  if (available.length === 0) return 'unavailable';
  return available.includes(version) ? 'ready' : 'default-version';
}

const EXTENSION: readonly FindingRow<NeededExtension>[] = [
  {
    code: 'extension-differs',
    severity: 'error',
    when: ({ state }) => state === 'other-schema',
    object: ({ name }) => name,
    message: ({ name, schema, installed }) =>
      `The target has extension ${name} in schema ${installed?.schema ?? ''}; the source has it in ${schema}`,
    remedy: ({ name, schema }) => `ALTER EXTENSION ${name} SET SCHEMA ${schema};`,
  },
  {
    code: 'extension-version',
    severity: 'warning',
    when: ({ state }) => state === 'other-version',
    object: ({ name }) => name,
    message: ({ name, version, installed }) =>
      `The target has extension ${name} ${installed?.version ?? ''}; the source has ${version}`,
    remedy: ({ name }) => `ALTER EXTENSION ${name} UPDATE where the older one is.`,
  },
  {
    code: 'needs-superuser',
    severity: 'error',
    when: ({ state }) => state === 'needs-superuser',
    object: ({ name }) => name,
    message: ({ name, user }) =>
      `Extension ${name} can only be created by a superuser, and ${user} is not one`,
    remedy: ({ name, schema }) =>
      `Ask a superuser to run this in the target: CREATE EXTENSION ${name} WITH SCHEMA ${schema};`,
  },
  {
    code: 'extension-missing',
    severity: 'error',
    when: ({ state }) => state === 'unavailable',
    object: ({ name }) => name,
    message: ({ name }) => `Extension ${name} is needed, but the target's server does not offer it`,
    remedy: ({ name }) => `Install the package that provides ${name} on that server.`,
  },
  {
    code: 'extension-version',
    severity: 'warning',
    when: ({ state }) => state === 'default-version',
    object: ({ name }) => name,
    message: ({ name, version, available }) =>
      `Extension ${name} is ${version} in the source; the target's server offers ${[...available].sort().join(', ')}: its default version is created`,
    remedy: () => 'Check the release notes between the two versions.',
  },
];

import { parseManifest } from '../../../../contracts/manifest.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import { parseSettings } from '../../../../contracts/settings.ts';
import type { InfrastructureInput } from '../../../../exporter/generate/infrastructure/compose-entry.ts';
import type { InfrastructureFacts } from '../../../../exporter/core/facts.ts';

/** Input of the infrastructure step for a tool with this id. */
export function infrastructureInput(
  manifest: Readonly<Record<string, unknown>> & { readonly id: string },
  infrastructure: Partial<InfrastructureFacts> = {},
): InfrastructureInput {
  const parsed = parseManifest({
    name: 'Some Tool',
    version: '1.0.0',
    status: 'beta',
    route: `/tools/${manifest.id}`,
    ...manifest,
  });
  return {
    manifest: parsed,
    names: namesOf(parsed.id),
    settings: parseSettings({}),
    servicePort: 3004,
    preflight: { commit: 'c0ffee'.padEnd(40, '0') },
    infrastructure: {
      composeText: null,
      gatewayText: null,
      upstreamText: null,
      gatewayPort: 8080,
      databasePort: 5436,
      replicaPorts: [],
      platformKeys: {},
      composeProject: 'platform',
      findings: [],
      ...infrastructure,
    },
  };
}

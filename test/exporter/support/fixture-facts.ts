import { parseManifest } from '../../../contracts/manifest.ts';
import { namesOf } from '../../../contracts/naming.ts';
import type { Runtime } from '../../../contracts/plan.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import type { RegistryTool } from '../../../contracts/tool.ts';
import type { SharedFacts } from '../../../exporter/core/facts.ts';
import { layoutOf } from '../../../exporter/generate/service/layout.ts';
import type { BackendFacts } from '../../../exporter/steps/backend/facts.ts';
import type { FrontendFacts } from '../../../exporter/steps/frontend/facts.ts';
import type { InfrastructureStepFacts } from '../../../exporter/steps/infrastructure/facts.ts';

export const COMMIT = 'c0ffee'.padEnd(40, '0');

/** The facts of all steps, of a small tool called crm. */
export type AllFacts = BackendFacts & FrontendFacts & SharedFacts & InfrastructureStepFacts;

/** One table, whose extraction is one statement and one copy. */
const EXTRACTION = {
  source: { database: 'platform', version: 180000, encoding: 'UTF8' },
  before: [{ id: 'TABLE public.items', sql: 'CREATE TABLE public.items (id int)' }],
  indexes: [],
  constraints: [],
  after: [],
  tables: [{ name: 'public.items' }],
  groups: [{ name: 'public.items', tables: ['public.items'] }],
} as unknown as NonNullable<SharedFacts['database']['extraction']>;

export function fixtureFacts(
  change: { readonly runtime?: Runtime; readonly preflight?: Partial<SharedFacts['preflight']> } = {},
): AllFacts {
  const manifest = parseManifest({
    id: 'crm',
    name: 'CRM',
    version: '1.2.0',
    status: 'beta',
    route: '/tools/crm',
    databaseSchema: { tables: ['items'] },
  });
  return {
    request: {
      toolId: 'crm',
      dryRun: false,
      runtime: 'auto',
      cutover: 'auto',
      maxPauseMs: 1_000,
      cutoverTimeoutMs: 600_000,
      shadow: null,
      port: null,
      replicas: 1,
      severIncoming: false,
      allowDirty: false,
      keepEdits: false,
    },
    settings: parseSettings({}),
    manifest,
    names: namesOf(manifest.id),
    tool: { toolId: 'crm', isExported: false } as RegistryTool,
    runtime: change.runtime ?? 'local',
    cutover: 'fenced',
    servicePort: 3004,
    serviceDatabase: { url: 'postgresql://crm_app@127.0.0.1:5432/crm_db', passwordFile: '/state/crm_app' },
    preflight: {
      findings: [],
      commit: COMMIT,
      dirty: [],
      portFree: true,
      platformUrl: 'http://127.0.0.1:3000',
      ...change.preflight,
    },
    infrastructure: {
      findings: [],
      composeText: 'services:\n  platform:\n    image: x\n',
      gatewayText: null,
      upstreamText: null,
      gatewayPort: 8080,
      databasePort: 5436,
      replicaPorts: [],
      platformKeys: { PLATFORM_SERVICE_URL: 'http://127.0.0.1:3000' },
      composeProject: 'repo',
    },
    backend: {
      findings: [],
      files: {
        'package.json': '{}',
        'src/host/app.ts': 'host',
        'src/index.ts': 'tool',
        'src/carried/lib/money.ts': 'shared',
      },
      carried: ['src/index.ts', 'src/carried/lib/money.ts'],
      layout: layoutOf({ toolId: 'crm' }),
      executable: [],
      before: null,
    },
    frontend: {
      findings: [],
      files: { 'angular.json': '{}', 'src/app/tool.routes.ts': 'tool', 'src/environment.ts': 'address' },
      carried: ['src/app/tool.routes.ts'],
      toolPlace: 'src/app/',
      addresses: ['src/environment.ts'],
      before: null,
    },
    database: {
      findings: [],
      rows: { items: 3 },
      extraction: EXTRACTION,
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      fenced: ['public.items'],
    },
    verdict: { testedBy: 'nginx', problem: null },
    occupied: [],
  };
}

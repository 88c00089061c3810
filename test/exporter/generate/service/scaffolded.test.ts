import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parseManifest } from '../../../../contracts/manifest.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import type { Finding } from '../../../../contracts/plan.ts';
import { parseSettings } from '../../../../contracts/settings.ts';
import { buildCacheFolder } from '../../../../exporter/core/build-cache.ts';
import { generateService } from '../../../../exporter/generate/service/generate-service.ts';
import { createFilesPort } from '../../../../exporter/adapters/files/files.ts';
import { generateWebApp } from '../../../../exporter/generate/web-app/generate-web-app.ts';
import { planStep } from '../../../../exporter/core/step.ts';
import type { BackendFacts } from '../../../../exporter/steps/backend/facts.ts';
import type { FrontendFacts } from '../../../../exporter/steps/frontend/facts.ts';
import { operationOf } from '../../../support/operations.ts';
import { backendStep } from '../../../../exporter/steps/backend/index.ts';
import { frontendStep } from '../../../../exporter/steps/frontend/index.ts';
import { KINDS, planAddition, writeAddition } from '../../../../generators/add/index.ts';
import { parseResource } from '../../../../generators/tool/resource-text.ts';
import { scaffoldTool } from '../../../generators/support/scaffold-tool.ts';
import { pairwise } from '../../../generators/support/pairwise.ts';
import { createDatabase } from '../../../support/postgres.ts';
import { COMMIT, linkPrograms, scratchRepository } from './exported-service.ts';
import { buildCache, gatePorts } from './gate-ports.ts';

interface Scaffold {
  readonly text: string;
  readonly resources: readonly string[];
  /** Whether to add one part of each kind with plop. */
  readonly additions: boolean;
}

const HOSTILE = `O'Neil "\${x}" <%= y %> */ --`;
const ALL_TYPES =
  'thing:title:string:required,notes:text,done:boolean,due:date,estimate:integer,cost:numeric,at:datetime,extra:json,' +
  'ref:uuid,code:string:unique,parentId:uuid:required:references=parent';

/** The smallest and the largest scaffold. `SCAFFOLD_MATRIX=full` runs all pairs of options. */
const ENDS: readonly Scaffold[] = [
  { text: 'Bare', resources: ['thing:name:string'], additions: true },
  { text: HOSTILE, resources: [ALL_TYPES, 'parent:name:string,weight:integer'], additions: false },
];

const FACTORS = {
  type: ['string', 'text', 'integer', 'numeric', 'boolean', 'date', 'datetime', 'json', 'uuid'],
  option: ['', ':required', ':unique'],
  reference: ['none', 'optional', 'required'],
  additions: [false, true],
  text: ['Plain', HOSTILE, '名前'],
} as const;

const REFERENCE = {
  none: '',
  optional: ',parentId:uuid:references=parent',
  required: ',parentId:uuid:required:references=parent',
};

const MATRIX = (): readonly Scaffold[] =>
  pairwise(FACTORS).map(({ type, option, reference, additions, text }) => {
    const unique = option === ':unique' && ['text', 'boolean', 'json'].includes(type) ? ':required' : option;
    const resources = [`thing:value:${type}${unique}${REFERENCE[reference]}`];
    return {
      text,
      additions,
      resources: reference === 'none' ? resources : [...resources, 'parent:done:boolean'],
    };
  });

describe('a scaffolded tool', function () {
  this.timeout(600_000);
  let root: string;
  const scaffolds = process.env['SCAFFOLD_MATRIX'] === 'full' ? MATRIX() : ENDS;

  before(() => {
    root = scratchRepository([]);
    for (const part of ['monolith/web/tsconfig.json', '.gitignore']) {
      mkdirSync(path.dirname(path.join(root, part)), { recursive: true });
      cpSync(path.resolve(part), path.join(root, part));
    }
    rmSync(path.join(root, 'monolith'), { recursive: true });
    mkdirSync(path.join(root, 'tools'));
    linkPrograms(root);
  });
  after(() => rmSync(root, { recursive: true }));

  async function scaffold(id: string, { text, resources, additions }: Scaffold): Promise<void> {
    const answers = {
      id,
      name: text,
      description: text,
      version: '1.0.0',
      status: 'beta',
      owner: text,
    } as const;
    await scaffoldTool(root, { ...answers, resources: resources.map(parseResource) });
    if (!additions) return;
    const comment = 'comment:body:text:required,thingId:uuid:references=thing';
    for (const kind of KINDS)
      writeAddition(
        root,
        await planAddition({ root, toolId: id, kind, name: kind === 'resource' ? comment : 'extra' }),
      );
  }

  /** Runs both steps as an export does. Returns warnings and errors, and the log. */
  async function generate(id: string): Promise<{ findings: readonly Finding[]; log: readonly string[] }> {
    const manifest = parseManifest(
      JSON.parse(readFileSync(path.join(root, `tools/${id}/manifest.json`), 'utf8')),
    );
    const names = namesOf(manifest.id);
    const files = createFilesPort(root, path.join(root, '.platform'));
    const common = { root, files, manifest, names, servicePort: 3004, commit: COMMIT };
    const backend = await generateService({ ...common, nodeImage: 'node:24-bookworm-slim' });
    const frontend = await generateWebApp(common);
    const { ports, log } = gatePorts(root, await createDatabase());
    const facts = { manifest, names, runtime: 'local', backend, frontend } as BackendFacts & FrontendFacts;
    for (const change of [...planStep(backendStep, facts), ...planStep(frontendStep, facts)])
      await operationOf(change).run(change, ports);
    const findings = [...backend.findings, ...frontend.findings].filter(
      ({ severity }) => severity !== 'info',
    );
    return { findings, log };
  }

  for (const [i, made] of scaffolds.entries())
    it(`is exported and passes every gate: ${made.resources.join(' and ')}${made.additions ? '; with every kind of addition' : ''}`, async () => {
      const id = `made-${i}`;
      await scaffold(id, made);
      const { findings, log } = await generate(id);
      expect(findings).to.deep.equal([]);
      expect(log.join('\n'))
        .to.match(/Contract tests passed \(\d+ calls/)
        .and.include('ESLint passed');
      const file = path.join(root, `apps/${id}-api/tests/contract/recorded/calls.json`);
      const { calls } = JSON.parse(readFileSync(file, 'utf8')) as { calls: { answer: { status: number } }[] };
      const statuses = calls.map(({ answer }) => answer.status);
      // A row is created, edited and deleted
      expect(statuses).to.include.members([201, 200, 204, 422, 404]);
    });

  it('transforms the packages of all web apps once, in one cache', () => {
    const cache = buildCacheFolder(root, parseSettings(buildCache), 'angular') ?? '';
    const apps = readdirSync(cache).flatMap((version) => readdirSync(path.join(cache, version)));
    expect(apps).to.have.lengthOf(1);
  });
});

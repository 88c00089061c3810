import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import type { PlatformError } from '../../contracts/errors.ts';
import type { RegistryTool } from '../../contracts/tool.ts';
import { parseToolId } from '../../contracts/ids.ts';
import { namesOf } from '../../contracts/naming.ts';
import { createFilesPort } from '../../exporter/adapters/files/files.ts';
import { inspectBackend } from '../../exporter/generate/service/inspect-backend.ts';
import { readManifest } from '../../generators/commands/register.ts';
import { KINDS, type Kind } from '../../generators/add/index.ts';
import { readRecord } from '../../generators/tool/record.ts';
import { scaffoldTool } from './support/scaffold-tool.ts';
import { planUpdate } from '../../generators/update/plan-update.ts';
import { createRegistryClient } from '../../registry-api/client.ts';
import { createDatabase } from '../support/postgres.ts';
import { openRegistry } from './support/open-registry.ts';
import {
  removeRepository,
  scratchRepository,
  SOURCE,
  treeOf,
  type Ran,
} from './support/scratch-repository.ts';

interface Case {
  readonly name: string;
  /** New files; the last one is the test. */
  readonly files: readonly string[];
  /** Text expected in existing files. */
  readonly wired: Readonly<Record<string, RegExp>>;
  /** Expected content of the registry. */
  readonly registry?: { readonly endpoints?: string; readonly table?: string };
}

const CASES: Record<Kind, Case> = {
  controller: {
    name: 'stats',
    files: [
      'backend/controllers/stats.controller.ts',
      'backend/routes/stats.routes.ts',
      'tests/unit/stats.controller.test.ts',
    ],
    wired: { 'backend/index.ts': /router\.use\(statsRoutes\(context\)\)/ },
    registry: { endpoints: '/stats' },
  },
  service: {
    name: 'billing',
    files: ['backend/services/billing.service.ts', 'tests/unit/billing.service.test.ts'],
    wired: {},
  },
  repository: {
    name: 'archive',
    files: ['backend/repositories/archive.repository.ts', 'tests/integration/archive.repository.test.ts'],
    wired: {},
  },
  validator: {
    name: 'address',
    files: ['backend/validators/address.validator.ts', 'tests/unit/address.validator.test.ts'],
    wired: {},
  },
  component: {
    name: 'order panel',
    files: ['frontend/components/order-panel.component.ts', 'tests/frontend/order-panel.component.test.ts'],
    wired: {
      'frontend/tool.routes.ts': /path: 'order-panel',\s+loadComponent/,
      'frontend/components/tool-sections.component.ts': /path: 'order-panel', title: 'Order panel'/,
    },
  },
  migration: {
    name: 'add-priority',
    files: [
      'database/migrations/002-add-priority.sql',
      'database/migrations/002-add-priority.down.sql',
      'tests/integration/migrations.test.ts',
    ],
    wired: {},
  },
  seed: {
    name: 'demo',
    files: ['database/seeds/crm-seed-data_002_demo.sql', 'tests/integration/seeds.test.ts'],
    wired: {},
  },
  resource: {
    name: 'deal:title:string,value:numeric,crmId:uuid:references=crm',
    files: [
      'backend/controllers/deal.controller.ts',
      'backend/services/deal.service.ts',
      'backend/repositories/deal.repository.ts',
      'backend/validators/deal.validator.ts',
      'backend/routes/deal.routes.ts',
      'frontend/components/deal-list.component.ts',
      'frontend/components/deal-form.component.ts',
      'frontend/services/deal-api.service.ts',
      'database/migrations/003-create-deals.sql',
      'database/migrations/003-create-deals.down.sql',
      'database/seeds/crm-seed-data_003_deals.sql',
      'tests/unit/deal.validator.test.ts',
      'tests/integration/deal.api.test.ts',
    ],
    wired: {
      'backend/index.ts': /router\.use\(dealRoutes\(context\)\)/,
      'frontend/tool.routes.ts': /path: 'deals',[^]*path: 'deals\/new',[^]*path: 'deals\/:id'/,
      'frontend/components/tool-sections.component.ts': /path: 'deals', title: 'Deals'/,
    },
    registry: { endpoints: '/deals/:id', table: 'crm_deals' },
  },
};

describe('plop', function () {
  this.timeout(600_000);
  let root: string;
  let registry: Awaited<ReturnType<typeof openRegistry>>;

  before(async () => {
    root = scratchRepository();
    registry = await openRegistry(root);
    cpSync(path.join(SOURCE, 'package.json'), path.join(root, 'package.json'));
    for (const name of ['contracts', 'node_modules', 'plopfile.ts', 'package-lock.json', 'templates'])
      symlinkSync(path.join(SOURCE, name), path.join(root, name));
    const answers = { name: 'CRM', description: '', version: '1.0.0', status: 'beta' };
    for (const id of ['crm', 'other']) await scaffoldTool(root, { ...answers, id });
  });
  after(async () => {
    await registry.close();
    removeRepository(root);
  });

  /** `npx plop ...` in the repository, without a terminal. */
  const plop = async (...args: string[]): Promise<Ran> => {
    const {
      exitCode = -1,
      stdout,
      stderr,
    } = await execa(process.execPath, [path.join(SOURCE, 'node_modules/plop/bin/plop.js'), ...args], {
      cwd: root,
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
      env: { PLATFORM_PORT: String(registry.port) },
    });
    return { exitCode, stdout, stderr };
  };
  const registered = async (toolId: string): Promise<RegistryTool> =>
    (await createRegistryClient({ baseUrl: `http://127.0.0.1:${registry.port}` }).get(toolId)).tool;
  const override = (template: string, change: (text: string) => string): void => {
    const file = path.join(root, 'templates.local/tool', template);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, change(readFileSync(path.join(SOURCE, 'templates/tool', template), 'utf8')));
  };

  for (const kind of KINDS)
    it(`adds a ${kind} with its test, wires it in, and updates the registry`, async () => {
      const { name, files, wired, registry: says } = CASES[kind];
      const { exitCode, stdout, stderr } = await plop(kind, 'crm', name);
      expect(exitCode, stdout + stderr).to.equal(0);
      const tree = treeOf(root, 'tools/crm');
      expect(tree).to.include.keys(files);
      for (const [file, text] of Object.entries(wired)) expect(tree[file]).to.match(text);
      const { additions } = readRecord(root, 'crm') ?? { additions: [] };
      expect(additions.at(-1)).to.include({ kind, name });
      if (says === undefined) return;
      const { endpoints, databaseSchema } = await registered('crm');
      expect(endpoints.map((endpoint) => endpoint.path)).to.include(says.endpoints);
      if (says.table !== undefined) expect(databaseSchema.tables).to.include(says.table);
    });

  it('leaves a tool whose old and new tests pass', async () => {
    const { exitCode, all } = await execa(
      path.join(SOURCE, 'node_modules/.bin/mocha'),
      ['--reporter', 'dot', '--timeout', '30000', 'tools/crm/tests/**/*.test.ts'],
      { cwd: root, reject: false, all: true, env: { TEST_DATABASE_URL: await createDatabase() } },
    );
    expect(exitCode, all).to.equal(0);
  });

  it('leaves a tool whose backend can be exported, without the tests of its screens', async () => {
    const { graph, findings } = await inspectBackend({
      root,
      files: createFilesPort(root, path.join(root, '.platform')),
      manifest: readManifest(root, 'crm'),
      names: namesOf(parseToolId('crm')),
    });
    expect(findings.filter((finding) => finding.severity === 'error')).to.deep.equal([]);
    const own = graph.own.map((file) => file.slice('tools/crm/'.length));
    expect(own).to.include.members([
      'tests/unit/stats.controller.test.ts',
      'tests/integration/seeds.test.ts',
    ]);
    expect(own.filter((file) => file.startsWith('tests/frontend/'))).to.deep.equal([]);
  });

  it('records additions, so that later template changes reach them', async () => {
    const answers = { id: 'crm', name: 'CRM', description: '', version: '1.0.0', status: 'beta' };
    expect((await planUpdate(root, 'crm'))?.behind).to.equal(false);
    expect(await scaffoldTool(root, answers)).to.deep.equal([]);
    override('backend/services/resource.service.ts.ejs', (text) => `// New head.\n${text}`);
    override('add/service.ts.ejs', (text) => `// New head.\n${text}`);
    const update = await planUpdate(root, 'crm');
    expect(update?.files).to.deep.equal(
      ['billing', 'crm', 'deal'].map((name) => ({
        path: `tools/crm/backend/services/${name}.service.ts`,
        outcome: 'updated',
      })),
    );
    removeRepository(path.join(root, 'templates.local'));
  });

  it('removes additions with their tool in scaffold:undo', async () => {
    const module = JSON.stringify(path.join(SOURCE, 'generators/commands/undo.ts'));
    const script = `import { undo } from ${module}; console.log(JSON.stringify(await undo(['--tool-id=crm'])));`;
    const { stdout } = await execa(process.execPath, ['--input-type=module-typescript', '-e', script], {
      cwd: root,
      env: { PLATFORM_PORT: String(registry.port) },
    });
    expect(JSON.parse(stdout)).to.deep.include({ ok: true, findings: [] });
    expect(treeOf(root, 'tools/crm')).to.deep.equal({});
    expect(await registered('crm').catch((error: unknown) => (error as PlatformError).code)).to.equal(
      'tool-not-found',
    );
  });

  it('prints with --dry-run a diff that git apply turns into the same files, and writes nothing', async () => {
    const before = treeOf(root, 'tools');
    const dry = await plop('resource', 'other', 'visit:at:datetime', '--dry-run');
    expect(dry.exitCode).to.equal(0);
    expect(treeOf(root, 'tools')).to.deep.equal(before);
    const copy = path.join(root, 'copy');
    mkdirSync(copy);
    cpSync(path.join(root, 'tools'), path.join(copy, 'tools'), { recursive: true });
    await execa('git', ['init', '-q'], { cwd: copy });
    await execa('git', ['apply', '-'], { cwd: copy, input: dry.stdout });
    expect((await plop('resource', 'other', 'visit:at:datetime')).exitCode).to.equal(0);
    expect(treeOf(copy, 'tools')).to.deep.equal(treeOf(root, 'tools'));
    removeRepository(copy);
  });

  it('names a missing anchor, exits with 3 and writes nothing', async () => {
    const anchors: [kind: Kind, file: string, text: string, message: string][] = [
      [
        'controller',
        'backend/index.ts',
        'export const x = 1;\n',
        'the default export function createRouter(context)',
      ],
      ['component', 'frontend/tool.routes.ts', 'export const toolRoutes = [];\n', 'toolRoutes[0].children'],
    ];
    for (const [kind, file, text, message] of anchors) {
      const absolute = path.join(root, 'tools/other', file);
      const written = readFileSync(absolute, 'utf8');
      writeFileSync(absolute, text);
      const before = treeOf(root, 'tools');
      const { exitCode, stdout, stderr } = await plop(kind, 'other', 'late');
      expect([exitCode, stdout]).to.deep.equal([3, '']);
      expect(stderr).to.contain(`tools/other/${file}: ${message} was not found, so nothing was added`);
      expect(treeOf(root, 'tools')).to.deep.equal(before);
      writeFileSync(absolute, written);
    }
  });

  it('keeps the files when the registry is down, explains how to register later, and exits with 5', async () => {
    const env = { PLATFORM_PORT: '1' };
    const args = [path.join(SOURCE, 'node_modules/plop/bin/plop.js'), 'controller', 'other', 'report'];
    const { exitCode, stderr } = await execa(process.execPath, args, {
      cwd: root,
      reject: false,
      stdin: 'ignore',
      env,
    });
    expect(exitCode).to.equal(5);
    expect(stderr).to.contain('npx gulp register --tool-id=other');
    expect(treeOf(root, 'tools/other')).to.include.keys('backend/routes/report.routes.ts');
  });

  it('refuses unknown arguments with exit code 2 and does not prompt', async () => {
    const before = treeOf(root, 'tools');
    const refused: [args: string[], message: string][] = [
      [['seed', 'crm', 'x', '--dry-rum'], '--dry-rum is not a known flag. Did you mean --dry-run?'],
      [['sed', 'crm', 'x'], 'Did you mean seed?'],
      [['seed', 'crm'], 'Run: npx plop seed crm <name>'],
    ];
    for (const [args, message] of refused) {
      const { exitCode, stderr } = await plop(...args);
      expect([exitCode, stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes(message),
      );
    }
    expect(treeOf(root, 'tools')).to.deep.equal(before);
  });
});

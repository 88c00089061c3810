import { expect } from 'chai';
import type { Finding, Plan, Runtime } from '../../../contracts/plan.ts';
import type { SharedFacts } from '../../../exporter/core/facts.ts';
import type { ReadPorts } from '../../../exporter/core/ports.ts';
import type { Step } from '../../../exporter/core/step.ts';
import { canonicalJson, checkSteps, makePlan, readSteps } from '../../../exporter/engine/plan.ts';
import { PIPELINE } from '../../../exporter/pipeline.ts';
import { COMMIT, fixtureFacts } from '../support/fixture-facts.ts';

const planFor = (facts: SharedFacts): Plan =>
  makePlan(
    facts,
    PIPELINE.map((step) => ({ step, facts })),
  );
const summaries = (runtime: Runtime): readonly string[] =>
  planFor(fixtureFacts({ runtime })).changes.map(({ step, kind, target }) => `${step}: ${kind} ${target}`);

const SERVICE_AND_WEB_APP = [
  'backend: create-service apps/crm-api',
  'backend: write-service-package apps/crm-api',
  'backend: copy-service-source apps/crm-api',
  'backend: install-packages apps/crm-api/node_modules',
  'backend: record-contract apps/crm-api',
  'backend: verify-service apps/crm-api',
  'frontend: create-web-app apps/crm-web',
  'frontend: copy-components apps/crm-web',
  'frontend: configure-api apps/crm-web',
  'frontend: build-web-app apps/crm-web/dist',
];
const TABLES = [
  'database: create-roles crm_owner, crm_migrator, crm_app',
  'database: create-database crm_db',
  'database: fence-tables public.items',
  'database: copy-tables crm_db',
  'database: verify crm_db',
];
const ROUTE = [
  'infrastructure: write-gateway-conf gateway/conf.d/crm.conf',
  'infrastructure: switch-route crm',
  'infrastructure: record-export crm',
];
const HEALTH = [
  'health: check-health http://127.0.0.1:3004/readyz',
  'health: check-health http://127.0.0.1:3004/health',
  'health: check-health http://127.0.0.1:3004/api/crm/health',
  'health: check-health http://127.0.0.1:8080/api/crm/health',
  'health: check-health http://127.0.0.1:8080/tools/crm/',
];

describe('the plan', () => {
  it('plans a local export to start a process before it switches the route', () => {
    expect(summaries('local')).to.deep.equal([
      ...SERVICE_AND_WEB_APP,
      ...TABLES,
      'infrastructure: update-compose docker-compose.poc.yml',
      'infrastructure: start-service crm-api on port 3004',
      ...ROUTE,
      ...HEALTH,
    ]);
  });

  it('plans an export to containers to build its images before any table is fenced, then its database and containers', () => {
    expect(summaries('docker')).to.deep.equal([
      ...SERVICE_AND_WEB_APP,
      'frontend: build-images crm-api, crm-web',
      'database: start-database-container crm-db',
      ...TABLES,
      'infrastructure: update-compose docker-compose.poc.yml',
      'infrastructure: start-containers crm-api, crm-web',
      ...ROUTE,
      ...HEALTH,
    ]);
  });

  it('starts the service of a live export before the first write waits, and leaves no table fenced', () => {
    const kinds = planFor({ ...fixtureFacts(), cutover: 'live' }).changes.map(({ kind }) => kind);
    expect(kinds.slice(kinds.indexOf('create-database') + 1, kinds.indexOf('check-health'))).to.deep.equal([
      'publish-changes',
      'copy-tables',
      'close-service',
      'follow-changes',
      'update-compose',
      'start-service',
      'switch-over',
      'follow-back',
      'write-gateway-conf',
      'record-export',
    ]);
  });

  it('compares answers when the service runs, and before writes are switched', () => {
    const facts = fixtureFacts();
    const request = { ...facts.request, shadow: { ms: 1_000, ignored: [] } };
    const of = (cutover: 'live' | 'fenced'): readonly string[] =>
      planFor({ ...facts, cutover, request }).changes.map(({ kind }) => kind);
    const at = of('live').indexOf('compare-answers');
    expect(of('live').slice(at - 1, at + 2)).to.deep.equal([
      'start-service',
      'compare-answers',
      'switch-over',
    ]);
    expect(of('fenced')).to.not.include('compare-answers');
  });

  it('switches the route alone in a live export of a tool without tables', () => {
    const facts = fixtureFacts();
    const database = { ...facts.database, extraction: null };
    const { changes } = planFor({ ...facts, cutover: 'live', database });
    const kinds = changes.map(({ kind }) => kind);
    expect(kinds).to.include('switch-route').and.not.include.members(['switch-over', 'publish-changes']);
  });

  it('plans an empty database, and no fence or copy, for a tool without tables', () => {
    const facts = fixtureFacts();
    const changes = planFor({
      ...facts,
      database: { ...facts.database, extraction: null },
    }).changes;
    expect(changes.filter(({ step }) => step === 'database').map(({ kind }) => kind)).to.deep.equal([
      'create-roles',
      'create-database',
    ]);
  });

  it('gives each file of the service to exactly one change', () => {
    const files = planFor(fixtureFacts())
      .changes.filter(({ target }) => target === 'apps/crm-api')
      .flatMap(({ after }) => Object.keys((after as { files?: object }).files ?? {}));
    expect(files.sort()).to.deep.equal(Object.keys(fixtureFacts().backend.files).sort());
  });

  it('makes the same, frozen plan from the same facts', () => {
    const [one, other] = [planFor(fixtureFacts()), planFor(fixtureFacts())];
    expect(one).to.deep.equal(other);
    expect(one.commit).to.equal(COMMIT);
    expect(() => Object.assign(one.changes[0]!, { target: 'x' })).to.throw(TypeError);
  });

  it('gives the plan another digest when any fact changes', () => {
    const other = fixtureFacts();
    expect(planFor({ ...other, servicePort: 3005 }).digest).to.not.equal(planFor(fixtureFacts()).digest);
  });

  it('holds no password of the platform', () => {
    const facts = fixtureFacts({ runtime: 'docker' });
    const settings = { ...facts.settings, databaseUrl: 'postgresql://platform:hunter2@127.0.0.1/platform' };
    expect(JSON.stringify(planFor({ ...facts, settings }))).to.not.contain('hunter2');
  });

  it('writes the plan as canonical JSON, whatever the order of keys', () => {
    expect(canonicalJson({ b: 1, a: { d: [2, { z: 1, y: 2 }], c: null } })).to.equal(
      '{"a":{"c":null,"d":[2,{"y":2,"z":1}]},"b":1}',
    );
  });
});

describe('reading and checking the steps', () => {
  const finding = (message: string): Finding => ({
    code: 'x',
    severity: 'error',
    step: 'backend',
    message,
    remedy: '',
  });
  const stepOf = (id: string, log: string[], carried: readonly string[] = []): Step => ({
    id: id as Step['id'],
    title: id,
    read(shared) {
      log.push(id);
      return Promise.resolve({ ...shared, from: id } as SharedFacts);
    },
    check: (facts, all) => [
      finding(`${id} read ${(facts as { from?: string }).from ?? ''}, carried ${all.join(' ')}`),
    ],
    carries: () => carried,
    operations: [],
  });

  it('reads the last step first, and reports every problem in the order of the steps', async () => {
    const log: string[] = [];
    const steps = [stepOf('one', log), stepOf('two', log, ['b']), stepOf('three', log, ['c'])];
    const read = await readSteps(steps, fixtureFacts(), {} as ReadPorts);
    expect(log).to.deep.equal(['three', 'two', 'one']);
    expect(checkSteps(read).map(({ message }) => message)).to.deep.equal([
      'one read one, carried b c',
      'two read two, carried b c',
      'three read three, carried b c',
    ]);
  });

  it('passes a fit tool, and refuses an exported one, uncommitted changes and a taken port at once', () => {
    const problems = (facts: SharedFacts): readonly string[] =>
      checkSteps(PIPELINE.map((step) => ({ step, facts })))
        .filter(({ severity }) => severity === 'error')
        .map(({ code }) => code);
    expect(problems(fixtureFacts())).to.deep.equal([]);
    const facts = fixtureFacts({ preflight: { dirty: ['README.md'], portFree: false, platformUrl: null } });
    expect(problems({ ...facts, tool: { ...facts.tool, isExported: true } })).to.deep.equal([
      'git-dirty',
      'port-taken',
      'already-exported',
      'registry-unreachable',
    ]);
  });
});

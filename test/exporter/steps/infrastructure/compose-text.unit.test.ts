import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { PlatformError } from '../../../../contracts/errors.ts';
import { readCompose } from '../../../../exporter/adapters/compose/read-compose.ts';
import { composeEntryOf } from '../../../../exporter/generate/infrastructure/compose-entry.ts';
import {
  addComposeEntry,
  removeComposeEntry,
  type ComposeEntry,
} from '../../../../exporter/generate/infrastructure/compose-text.ts';
import { infrastructureInput } from './facts.ts';

const BASE = readFileSync('docker-compose.poc.yml', 'utf8');
const entryOf = (id: string): ComposeEntry => composeEntryOf(infrastructureInput({ id }));
const CRM = entryOf('crm');
const HR = entryOf('hr');
const servicesOf = (text: string): Readonly<Record<string, unknown>> => readCompose(text).services ?? {};

describe('compose file', () => {
  it('keeps every line when an entry is added, and restores the file when it is removed', () => {
    const after = addComposeEntry(BASE, 'crm', entryOf('crm'));
    const kept = after.split('\n');
    let at = 0;
    for (const line of BASE.split('\n')) at = kept.indexOf(line, at) + 1;
    expect(at, 'every line of before, in its order').to.be.greaterThan(0);
    expect(removeComposeEntry(after, 'crm')).to.equal(BASE);
  });

  it('removes entries in any order, and keeps those of other tools byte for byte', () => {
    const ids = ['crm', 'crm-plus', 'billing', 'a'];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(ids, { minLength: 4 }),
        fc.shuffledSubarray(ids, { minLength: 1 }),
        (added, removed) => {
          const all = added.reduce((text, id) => addComposeEntry(text, id, entryOf(id)), BASE);
          const left = removed.reduce((text, id) => removeComposeEntry(text, id), all);
          const expected = added
            .filter((id) => !removed.includes(id))
            .reduce((text, id) => addComposeEntry(text, id, entryOf(id)), BASE);
          expect(left).to.equal(expected);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('keeps comments, anchors, quotes and odd indentation of a hand-written file', () => {
    const file = [
      '# ours',
      'x-common: &common {restart: always}',
      'services:',
      '    web:   # the "web"',
      '        <<: *common',
      "        image: 'nginx'",
      '        # profiles: [x]',
      '',
      '    # the last word on services',
      'volumes:',
      '    data:',
      '',
    ].join('\n');
    const after = addComposeEntry(file, 'crm', entryOf('crm'));
    expect(after).to.contain(
      '    web:   # the "web"\n        <<: *common\n        image: \'nginx\'\n        # profiles: [x]\n',
    );
    expect(after).to.contain('\n    crm-api:\n');
    expect(removeComposeEntry(after, 'crm')).to.equal(file);
  });

  it('removes the headings that it added once no entry is below them', () => {
    const file = 'services:\n  web:\n    image: nginx\n';
    const both = addComposeEntry(addComposeEntry(file, 'crm', entryOf('crm')), 'hr', entryOf('hr'));
    const one = removeComposeEntry(both, 'crm');
    expect(load(one)).to.have.nested.property('secrets.hr_admin');
    expect(removeComposeEntry(one, 'hr')).to.equal(file);
  });

  it('refuses a name in use, and a file that it would have to rewrite, naming the line', () => {
    const taken = 'services:\n  crm-api:\n    image: mine\n';
    expect(() => addComposeEntry(taken, 'crm', entryOf('crm'))).to.throw('services has "crm-api" already');
    expect(() => addComposeEntry('services: {web: {image: x}}\n', 'crm', entryOf('crm'))).to.throw(
      'docker-compose.poc.yml:1: "services" must be a block',
    );
    expect(() => addComposeEntry('services:\n  a: [\n', 'crm', entryOf('crm'))).to.throw(
      /docker-compose\.poc\.yml:\d+: .*Correct it/,
    );
  });

  it('adds an entry in front of the end mark of the document, and keeps what follows it', () => {
    for (const file of [
      'services:\n  web:\n    image: a\n...\n',
      '%YAML 1.2\n---\nservices:\n  web:\n    image: a\n... # the end\n# signed\n',
      'x-only: 1\n...\n',
    ]) {
      const after = addComposeEntry(file, 'crm', CRM);
      expect(after.slice(after.indexOf('\n...')), file).to.equal(file.slice(file.indexOf('\n...')));
      expect(readCompose(after)).to.have.nested.property('services.crm-api');
      expect(removeComposeEntry(after, 'crm')).to.equal(file);
    }
  });

  it('adds entries behind a text that keeps its line breaks, without adding to that text', () => {
    for (const sign of ['|+', '>+', '|2+'])
      for (const blanks of ['', '\n', '\n\n\n'])
        for (const rest of ['', 'volumes:\n  data: {}\n']) {
          const file = `services:\n  web:\n    command: ${sign}\n      say\n${blanks}${rest}`;
          const both = addComposeEntry(addComposeEntry(file, 'crm', CRM), 'hr', HR);
          expect(servicesOf(both)['web'], file).to.deep.equal(servicesOf(file)['web']);
          expect(removeComposeEntry(both, 'crm'), 'the same as if crm had never been there').to.equal(
            addComposeEntry(file, 'hr', HR),
          );
          expect(removeComposeEntry(removeComposeEntry(both, 'hr'), 'crm')).to.equal(file);
        }
  });

  it('refuses a file that it cannot extend in one sentence of its own', () => {
    const block =
      /^docker-compose\.poc\.yml(:\d+)?: "?services"?.* must be (a block|blocks) of names, each on a line of its own\. Rewrite (it|them) like that\.$/;
    for (const [file, message] of [
      ['x-all: &all\n  web:\n    image: a\nservices: *all\n', block],
      ['services: {web: {image: a}}\n', block],
      ['services: text\n', block],
      ['services:\n  - web\n', block],
      ['? services\n: web:\n    image: a\n', block],
      [
        'services: {}\n---\nservices: {}\n',
        /^docker-compose\.poc\.yml:2: a second YAML document begins here\./,
      ],
      [
        'services: {}\n...\n# no\nservices: {}\n',
        /^docker-compose\.poc\.yml:4: a second YAML document begins here\./,
      ],
      ['services:\n  web: *none\n', /^docker-compose\.poc\.yml: Unresolved alias .*\. Correct it\.$/],
    ] as const)
      expect(() => addComposeEntry(file, 'crm', CRM), file).to.throw(PlatformError, message);
  });

  it('reports a missing end marker of an entry', () => {
    const broken = addComposeEntry(BASE, 'crm', entryOf('crm')).replaceAll('# <<< crm\n', '');
    expect(() => removeComposeEntry(broken, 'crm')).to.throw('the line "# <<< crm" is missing');
  });
});

describe('compose entry', () => {
  interface Service {
    readonly [key: string]: unknown;
    readonly environment?: Readonly<Record<string, string>>;
    readonly ports?: readonly string[];
  }
  const servicesOf = (entry: ComposeEntry): Readonly<Record<string, Service>> =>
    load(entry.services) as Readonly<Record<string, Service>>;

  it('hardens every container: read-only, minimal capabilities, limits, rotated logs', () => {
    const services = servicesOf(entryOf('crm'));
    expect(Object.keys(services)).to.deep.equal(['crm-db', 'crm-migrate', 'crm-api', 'crm-web']);
    for (const [name, service] of Object.entries(services)) {
      // Migrations run once before each start of the service
      const restart = name === 'crm-migrate' ? 'no' : 'unless-stopped';
      expect(service).to.include({ read_only: true, restart });
      expect(service).to.deep.include({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      expect(service).to.include.keys('mem_limit', 'cpus', 'pids_limit', 'logging', 'tmpfs', 'labels');
      for (const port of service.ports ?? []) expect(port).to.match(/^127\.0\.0\.1:/);
    }
    expect(services['crm-api']).to.not.have.property('cap_add');
    expect(services['crm-api']).to.include({ init: true });
  });

  it('passes passwords as files only', () => {
    const { services, secrets } = entryOf('crm');
    expect(secrets).to.contain('file: ${PLATFORM_STATE_DIR:-./.platform}/secrets/crm_app');
    expect(services).to.contain('DATABASE_PASSWORD_FILE: /run/secrets/crm_app');
    expect(services).to.not.match(/POSTGRES_PASSWORD:|:[^@\s/]+@crm-db/);
  });

  it('puts the database on an internal network', () => {
    const entry = entryOf('crm');
    expect(load(entry.networks)).to.have.nested.property('crm-data.internal', true);
    expect(servicesOf(entry)['crm-db']?.['networks']).to.deep.equal(['crm-data', 'loopback']);
  });

  it('runs the requested number of instances under one name', () => {
    const services = servicesOf(
      composeEntryOf(infrastructureInput({ id: 'crm' }, { replicaPorts: [3005, 3006] })),
    );
    expect(Object.keys(services)).to.include.members(['crm-api', 'crm-api-2', 'crm-api-3']);
    expect(services['crm-api-3']).to.deep.include({ ports: ['127.0.0.1:${CRM_API_3_PORT:-3006}:3004'] });
    expect(services['crm-api-3']).to.have.deep.nested.property('networks.edge.aliases', ['crm-api']);
    expect(services['crm-api-3'], 'one build for all').to.not.have.property('build');
  });

  it('renders a hostile name as a comment only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 90 }).filter(isName), (name) => {
        const hostile = composeEntryOf(infrastructureInput({ id: 'crm', name }));
        expect(load(hostile.services)).to.deep.equal(load(entryOf('crm').services));
      }),
      { numRuns: 60, examples: [['x\u2028services: {}'], ['\u0085a: b'], ['${HOME} # {{ "\' : - x']] },
    );
  });

  const isName = (name: string): boolean =>
    // eslint-disable-next-line no-control-regex -- what the manifest's schema refuses
    !/[\u0000-\u001f\u007f]/.test(name) && /\S/.test(name);
});

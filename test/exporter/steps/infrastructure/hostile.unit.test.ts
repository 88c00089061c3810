import { expect } from 'chai';
import fc from 'fast-check';
import { parse as parseNginx } from 'nginx-conf';
import { load } from 'js-yaml';
import { parseManifest, type Manifest } from '../../../../contracts/manifest.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import type { SharedFacts } from '../../../../exporter/core/facts.ts';
import { operationsOf, planStep } from '../../../../exporter/core/step.ts';
import { databaseStep } from '../../../../exporter/steps/database/index.ts';
import { infrastructureStep } from '../../../../exporter/steps/infrastructure/index.ts';
import { composeEntryOf, imagesOf } from '../../../../exporter/generate/infrastructure/compose-entry.ts';
import { gatewayFilesOf } from '../../../../exporter/generate/infrastructure/gateway-conf.ts';
import { infrastructureInput } from './facts.ts';

/** Known injection payloads. */
const PAYLOADS = [
  '$(touch /tmp/owned)',
  '`id`',
  '; rm -rf / #',
  '${HOME}',
  "'; DROP TABLE tool_registry; --",
  '"; } server { listen 1; } #',
  '../../etc/passwd',
  '\nservices:\n  evil: {image: x}',
  '# <<< crm',
  '&anchor *alias',
  '!!js/function x',
  '{{ .Env }}',
  '\u2028location / {}',
  '\u0000',
  '%0a',
  '-v /:/host',
  '\u0085} server { listen 1; }',
  'x\u2029location / {}',
  '<script>',
  'a b',
  'crm|sh',
  'crm\\',
  "x' OR '1'='1",
  'ünïcode',
  '💥',
];

const hostile = fc.oneof(
  fc.constantFrom(...PAYLOADS),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.tuple(fc.constantFrom('crm', 'a-b', 'x'), fc.constantFrom(...PAYLOADS)).map((parts) => parts.join('')),
);

const id = fc.oneof(fc.constantFrom('crm', 'a-1', 'order-desk', 'x'.repeat(50)), hostile);

const manifest: fc.Arbitrary<Record<string, unknown>> = id.chain((toolId) =>
  fc.record({
    id: fc.constant(toolId),
    name: hostile,
    description: hostile,
    version: fc.oneof(fc.constantFrom('1.0.0', '2.1.0-rc.1+build.7'), hostile),
    status: fc.constant('beta'),
    owner: hostile,
    route: fc.oneof(
      fc.constant(`/tools/${toolId}`),
      hostile.map((text) => `/tools/${text}`),
    ),
    env: fc.array(
      fc.record({ name: fc.oneof(fc.constantFrom('API_KEY', 'PORT', 'PLATFORM_SERVICE_URL'), hostile) }),
      { maxLength: 2 },
    ),
  }),
);

/** Every payload in every text of a valid manifest, as random choice would miss most of them in most runs. */
const EVERY_PAYLOAD: [Record<string, unknown>][] = PAYLOADS.map((text) => [
  {
    id: 'crm',
    name: text,
    description: text,
    version: '1.0.0',
    status: 'beta',
    owner: text,
    route: '/tools/crm',
    env: [],
  },
]);

/** The same manifest with harmless texts. */
const plain = (parsed: Manifest): Manifest => ({ ...parsed, name: 'x', description: 'x', owner: 'x' });

function factsOf(parsed: Manifest): SharedFacts {
  const input = infrastructureInput({ id: 'crm' });
  return {
    ...input,
    manifest: parsed,
    names: namesOf(parsed.id),
    runtime: 'docker',
    preflight: { commit: 'x' },
    serviceDatabase: { url: 'postgresql://x', passwordFile: '/x' },
  } as SharedFacts;
}

/** Line breaks, which end a comment, in YAML 1.1 as read by compose 1, besides `\n`. */
const LINE_BREAKS = /[\r\u0085\u2028\u2029]/;

const NO_TABLES = {
  findings: [],
  rows: {},
  extraction: null,
  encoding: 'UTF8',
  collate: 'C',
  ctype: 'C',
  fenced: [],
};

const RUNS = Number(process.env['HOSTILE_RUNS'] ?? 400);

describe('a hostile manifest', () => {
  /** Hundreds of manifests that the schema accepts. */
  const forAccepted = (check: (parsed: Manifest) => void): number => {
    let accepted = 0;
    fc.assert(
      fc.property(manifest, (candidate) => {
        let parsed: Manifest;
        try {
          parsed = parseManifest(candidate);
        } catch {
          return;
        }
        accepted += 1;
        check(parsed);
      }),
      { numRuns: RUNS, examples: EVERY_PAYLOAD },
    );
    return accepted;
  };

  it('refuses hostile ids, or uses only names that are safe in shells, paths and SQL', () => {
    const accepted = forAccepted((parsed) => {
      const { secrets, gatewayFile, ...names } = namesOf(parsed.id);
      for (const name of [...Object.values(names), ...Object.values(secrets)] as string[])
        expect(name).to.match(/^((tools|apps)\/|gateway\/upstreams\.d\/)?[a-z][a-z0-9_-]*(\.conf)?$/);
      expect(gatewayFile).to.match(/^gateway\/conf\.d\/[a-z][a-z0-9-]*\.conf$/);
      expect(parsed.route).to.equal(`/tools/${parsed.id}`);
      // Reference of an image: distribution/reference, "tag"
      const { api, web } = imagesOf(factsOf(parsed));
      for (const image of [api, web]) expect(image).to.match(/^[a-z][a-z0-9-]*:\w[\w.-]{0,127}$/);
    });
    expect(accepted, 'some pass').to.be.greaterThan(RUNS / 100);
  });

  it('adds only names and values to the compose file', () => {
    forAccepted((parsed) => {
      const entry = composeEntryOf(factsOf(parsed));
      const expected = composeEntryOf(factsOf(plain(parsed)));
      expect(Object.values(entry).join('')).to.not.match(LINE_BREAKS);
      for (const part of ['services', 'volumes', 'networks', 'secrets'] as const)
        expect(load(entry[part])).to.deep.equal(load(expected[part]));
      expect(Object.keys(load(entry.services) as object)).to.deep.equal(
        ['db', 'migrate', 'api', 'web'].map((part) => `${parsed.id}-${part}`),
      );
    });
  });

  it('adds only the locations of the tool to nginx', () => {
    forAccepted((parsed) => {
      const found: string[] = [];
      const harmless = gatewayFilesOf(factsOf(plain(parsed)));
      for (const [file, text] of Object.entries(gatewayFilesOf(factsOf(parsed)))) {
        // The name is only in the first line, a comment
        expect(text.slice(text.indexOf('\n'))).to.equal(harmless[file]?.slice(harmless[file].indexOf('\n')));
        expect(text).to.match(/^# /);
      }
      for (const text of Object.values(gatewayFilesOf(factsOf(parsed)))) {
        expect(text).to.not.match(LINE_BREAKS);
        parseNginx(text, (error, tree) => {
          expect(error).to.equal(null);
          for (const node of tree?.children ?? []) found.push(`${node.name} ${node.value}`);
        });
      }
      const { id: tool } = parsed;
      expect(found).to.deep.equal([
        `location /api/${tool}/`,
        `location = /api/${tool}`,
        `location /tools/${tool}/`,
        `location = /tools/${tool}`,
        `upstream ${tool}-api`,
      ]);
    });
  });

  it('injects nothing into the commands that it prints', () => {
    const steps = [databaseStep, infrastructureStep];
    const operations = operationsOf(steps);
    const commandsOf = (of: SharedFacts): readonly (string | undefined)[] =>
      (['docker', 'local'] as const).flatMap((runtime) => {
        const shared = {
          ...of,
          runtime,
          infrastructure: { ...of.infrastructure, composeText: 'services:\n  x:\n    image: y\n' },
        };
        const changes = [
          ...planStep(databaseStep, { ...shared, database: NO_TABLES }),
          ...planStep(infrastructureStep, {
            ...shared,
            database: NO_TABLES,
            verdict: null,
            occupied: [],
          }),
        ];
        return changes.map((change) => operations(change).removeByHand?.(change));
      });
    forAccepted((parsed) => {
      const both = [factsOf(parsed), factsOf(plain(parsed))].map(commandsOf);
      expect(both[0]?.filter((command) => command !== undefined)).to.not.be.empty;
      expect(both[0]).to.deep.equal(both[1]);
    });
  });
});

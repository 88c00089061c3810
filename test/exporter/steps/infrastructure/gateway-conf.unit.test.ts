import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'nginx-conf';
import {
  assertOwnNamesOnly,
  gatewayFilesOf,
} from '../../../../exporter/generate/infrastructure/gateway-conf.ts';
import { infrastructureInput } from './facts.ts';

const filesOf = (id: string, name = 'Some Tool', replicaPorts: readonly number[] = []) =>
  gatewayFilesOf(infrastructureInput({ id, name }, { replicaPorts }));

/** Names and values of the top-level directives of a file. */
function topOf(text: string): readonly string[] {
  const found: string[] = [];
  parse(text, (error, tree) => {
    expect(error).to.equal(null);
    for (const node of tree?.children ?? []) found.push(`${node.name} ${node.value}`);
  });
  return found;
}

describe('gateway route', () => {
  it('routes the API to the service and the pages to the web app, in one file per tool', () => {
    const files = filesOf('crm');
    expect(Object.keys(files)).to.deep.equal(['gateway/conf.d/crm.conf', 'gateway/upstreams.d/crm.conf']);
    expect(topOf(files['gateway/conf.d/crm.conf']!)).to.deep.equal([
      'location /api/crm/',
      'location = /api/crm',
      'location /tools/crm/',
      'location = /tools/crm',
    ]);
    expect(files['gateway/upstreams.d/crm.conf'])
      .to.contain('server 127.0.0.1:3004 ')
      .and.contain('keepalive');
  });

  it('lists every instance in the upstream', () => {
    const text = filesOf('crm', 'CRM', [3005, 3006])['gateway/upstreams.d/crm.conf'];
    expect(text?.match(/server 127\.0\.0\.1:\d+/g)).to.deep.equal([
      'server 127.0.0.1:3004',
      'server 127.0.0.1:3005',
      'server 127.0.0.1:3006',
    ]);
  });

  it('overwrites headers that a client could forge', () => {
    const text = filesOf('crm')['gateway/conf.d/crm.conf']!;
    expect(text).to.contain('proxy_set_header X-Forwarded-For $remote_addr;');
    expect(text).to.contain('proxy_set_header X-User-Id "";');
  });

  it('renders the same route for every name, even a hostile one, except for the first line', () => {
    const plain = Object.values(filesOf('crm')).map((text) => text.split('\n').slice(1));
    const isName = (name: string): boolean =>
      // eslint-disable-next-line no-control-regex -- what the manifest's schema refuses
      !/[\u0000-\u001f\u007f]/.test(name) && /\S/.test(name);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 90 }).filter(isName), (name) => {
        const hostile = Object.values(filesOf('crm', name));
        expect(hostile.map((text) => text.split('\n').slice(1))).to.deep.equal(plain);
        expect(hostile.every((text) => text.startsWith('# '))).to.equal(true);
      }),
      {
        numRuns: 300,
        examples: [['; } server { listen 1; } #'], ['\'"`$(id)${x}'], ['\u2028location / {}']],
      },
    );
  });

  it('refuses a template that configures paths outside its tool', () => {
    const refused =
      (text: string): (() => void) =>
      () =>
        assertOwnNamesOnly('x.conf', text, 'crm');
    expect(refused('location / { return 200; }')).to.throw('"location /" does not belong to crm');
    expect(refused('location /api/crm-plus/ { return 200; }')).to.throw('does not belong to crm');
    expect(refused('location /api/crm/ { return 200; } server { listen 1; }')).to.throw('"server"');
    expect(refused('location ~ /api/crm/ { return 200; }')).to.throw('does not belong to crm');
    expect(refused('upstream platform { server 127.0.0.1:1; }')).to.throw('does not belong to crm');
    expect(refused('location /api/crm/ { return 200; ')).to.throw('x.conf: a brace is not closed');
    expect(refused('location /api/crm/ { return 200; }}')).to.throw('x.conf');
    expect(refused('location /api/crm/ { return "200; }')).to.throw('x.conf');
  });
});

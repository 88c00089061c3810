import { expect } from 'chai';
import { blamedTools } from '../../../../monolith/server/dashboard/web/angular-build.ts';
import { toolLoadersText } from '../../../../monolith/server/dashboard/web/tool-loaders.ts';
import { permissionsOf } from '../../../../monolith/server/session/oidc.ts';
import { repeatsXsrfToken, xsrfTokenOf } from '../../../../monolith/server/session/csrf.ts';
import { diffLines, filesOf } from '../../../../monolith/web/src/app/exports/planned-files.ts';
import { openAddress, type Place } from '../../../../monolith/web/src/app/tools/open-address.ts';
import { sizeText } from '../../../../contracts/size-text.ts';

const OUTPUT = `Application bundle generation failed. [3.0 seconds]

✘ [ERROR] TS2322: Type 'string' is not assignable to type 'number'. [plugin angular-compiler]

    ../../tools/crm/frontend/tool.routes.ts:3:13:
      3 │ export const broken: number = "text";

✘ [ERROR] TS2304: Cannot find name 'foo'. [plugin angular-compiler]

    src/app/app.routes.ts:1:1:
`;

describe('build of the dashboard', () => {
  it('blames only the tool whose file the compiler names', () => {
    const blamed = blamedTools(OUTPUT, ['crm', 'crm-two', 'stock']);
    expect(Object.keys(blamed)).to.deep.equal(['crm']);
    expect(blamed['crm'])
      .to.match(/^TS2322: Type 'string'/)
      .and.not.contain('TS2304');
  });

  it('blames no tool for an error of the shell', () => {
    expect(blamedTools(OUTPUT, ['stock'])).to.deep.equal({});
  });

  it('writes a static import for every tool, and problems as data', () => {
    const text = toolLoadersText(
      ['crm', 'stock'],
      { broken: 'a "quote", a `tick` and ${code}' },
      {
        title: `Ann's "tools" \u2028`,
        logo: 'tool-platform.svg',
      },
    );
    expect(text).to.contain(`'crm': () => import('../../../../../tools/crm/frontend/tool.routes'),`);
    expect(text).to.contain(`'stock': () => import(`);
    expect(text).to.contain(JSON.stringify('a "quote", a `tick` and ${code}'));
    expect(text).to.contain(JSON.stringify({ title: `Ann's "tools" \u2028`, logo: 'tool-platform.svg' }));
  });
});

describe('session helpers', () => {
  it('reads permissions from a claim and drops invalid ones', () => {
    expect(permissionsOf(['a:read', 'b:write', 'x', 3, '*'])).to.deep.equal(['a:read', 'b:write', '*']);
    expect(permissionsOf('a:read  b:write <script>')).to.deep.equal(['a:read', 'b:write']);
    expect(permissionsOf(undefined)).to.deep.equal([]);
    expect(permissionsOf('a:read platform:everything'), 'only * is every permission').to.deep.equal([
      'a:read',
    ]);
  });

  it('accepts only the CSRF proof of its own token', () => {
    const request = (value: string | undefined): Parameters<typeof repeatsXsrfToken>[0] =>
      ({ get: () => value }) as unknown as Parameters<typeof repeatsXsrfToken>[0];
    expect(repeatsXsrfToken(request(xsrfTokenOf('one')), 'one')).to.equal(true);
    expect(repeatsXsrfToken(request(xsrfTokenOf('two')), 'one')).to.equal(false);
    expect(repeatsXsrfToken(request(undefined), 'one')).to.equal(false);
  });
});

describe('changes in a plan', () => {
  const change = { step: 'infrastructure', kind: 'write', target: 'docker-compose.poc.yml' } as const;

  it('shows removed, added and unchanged lines', () => {
    const [file] = filesOf({ ...change, before: { text: 'a\nb\nc\n' }, after: { text: 'a\nB\nc\nd\n' } });
    expect(diffLines(file!).map(({ sign, text }) => sign + text)).to.deep.equal([
      ' a',
      '-b',
      '+B',
      ' c',
      '+d',
    ]);
  });

  it('shows every file of a folder as new', () => {
    const files = filesOf({
      ...change,
      before: null,
      after: { files: { 'src/a.ts': '1\n', 'b.ts': '2\n' } },
    });
    expect(files.map(({ path }) => path)).to.deep.equal([
      'docker-compose.poc.yml/src/a.ts',
      'docker-compose.poc.yml/b.ts',
    ]);
    expect(diffLines(files[0]!)).to.deep.equal([{ sign: '+', text: '1' }]);
  });
});

describe('address of an exported tool in the browser', () => {
  const from = (address: string): Place => new URL(address);
  const app = 'http://localhost:8080/tools/crm/';

  it('keeps the host name of the page, to which the session belongs', () => {
    expect(openAddress(app, from('http://127.0.0.1:3000/tools'))).to.equal(
      'http://127.0.0.1:8080/tools/crm/',
    );
    expect(openAddress(app, from('http://localhost:3000/tools'))).to.equal(app);
  });

  it('uses the gateway that the browser came through', () => {
    expect(openAddress(app, from('https://tools.example/tools'))).to.equal(
      'https://tools.example/tools/crm/',
    );
  });

  it('keeps the address of an exported tool when the export names a public host, or none', () => {
    const far = 'https://gateway.example/tools/crm/';
    expect(openAddress(far, from('http://localhost:3000/tools'))).to.equal(far);
    expect(openAddress('', from('http://localhost:3000/tools'))).to.equal('');
  });
});

describe('formatted amount of data', () => {
  it('formats an amount of data in a readable unit', () => {
    expect([0, 999, 1000, 64_512, 252_000_000, 3.2e12].map(sizeText)).to.deep.equal([
      '0 bytes',
      '999 bytes',
      '1.0 kB',
      '64.5 kB',
      '252 MB',
      '3.2 TB',
    ]);
  });
});

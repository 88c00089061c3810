import { expect } from 'chai';
import type { Finding } from '../../../contracts/plan.ts';
import { inspectAll, TOOL } from './planted-tool.ts';

const file = `${TOOL}/backend/services/planted.ts`;

/** `severity line package`, of findings about packages. */
async function packagesIn(text: string, inLock: readonly string[] = []): Promise<readonly string[]> {
  const packages = Object.fromEntries(inLock.map((name) => [`node_modules/${name}`, { version: '1.0.0' }]));
  const findings = await inspectAll({ files: { [file]: text }, packages });
  return findings
    .filter(({ code }) => /^code-(package-missing|named-package)$/.test(code))
    .map((finding) => `${finding.severity} ${finding.line ?? 0} ${nameIn(finding)}`);
}

const nameIn = ({ message }: Finding): string => /the package ([^ ,]+)/i.exec(message)?.[1] ?? message;

describe('packages that only a text names', () => {
  it('finds view engines, and not those that the code registers itself', async () => {
    const text = `import express from 'express';
export const app = express();
const ENGINE = 'pug';
app.set('view engine', ENGINE);
app.get('/a', (_req, res) => res.render('page.hbs'));
app.engine('html', () => undefined);
app.get('/b', (_req, res) => res.render('page.html'));
app.set('view engine', 'html');
`;
    expect(await packagesIn(text, ['pug'])).to.deep.equal(['info 4 pug', 'error 5 hbs']);
  });

  it('leaves the extensions of a library with views of its own alone', async () => {
    const text = `import express from 'express';
import nunjucks from 'nunjucks';
const app = express();
nunjucks.configure(import.meta.dirname, { express: app });
app.set('view engine', 'njk');
`;
    expect(await packagesIn(text, ['nunjucks'])).to.deep.equal([]);
  });

  it('finds transports of pino in every form, and no files', async () => {
    const text = `import { pino } from 'pino';
const pretty = process.env['NODE_ENV'] === 'production' ? 'pino/file' : 'pino-pretty';
export const one = pino({ transport: { target: pretty } });
export const two = pino.transport({ targets: [{ target: '@acme/sink' }, { target: './own.ts' }] });
export const three = pino.transport({ pipeline: [{ target: 'lines/worker' }, { target: '/x.js' }] });
export const other = { target: 'elsewhere' };
`;
    expect(await packagesIn(text, ['pino-pretty', 'lines'])).to.deep.equal([
      'info 3 pino-pretty',
      'error 4 @acme/sink',
      'info 5 lines',
    ]);
  });

  it('finds the drivers of database libraries', async () => {
    const text = `import { knex } from 'knex';
import { Sequelize } from 'sequelize';
import { DataSource } from 'typeorm';
export const a = knex({ client: 'better-sqlite3' });
export const b = new Sequelize({ dialect: 'postgres' });
export const c = new DataSource({
  type: 'mysql',
});
`;
    const inLock = ['knex', 'sequelize', 'typeorm', 'mysql', 'better-sqlite3'];
    expect(await packagesIn(text, inLock)).to.deep.equal([
      'info 4 better-sqlite3',
      'info 5 pg',
      'error 5 pg-hstore',
      'info 7 mysql',
    ]);
  });

  it('finds modules that Node.js preloads, requires or resolves', async () => {
    const text = `import { fork } from 'node:child_process';
import { createRequire, register } from 'node:module';
register('hooks/esm', import.meta.url);
export const child = (): unknown => fork(new URL('./x.js', import.meta.url), { execArgv: ['--import', 'tsx', '-r=dotenv/config'] });
export const a: unknown = createRequire(import.meta.url)('left');
export const b = createRequire(import.meta.url).resolve('@acme/right/x.css');
export const c = import.meta.resolve('middle');
`;
    expect(await packagesIn(text, ['tsx', 'left'])).to.have.members([
      'error 3 hooks',
      'info 4 tsx',
      'error 4 dotenv',
      'error 6 @acme/right',
      'error 7 middle',
    ]);
  });

  it('says what loads a package, and how to add it', async () => {
    const text = `import express from 'express';\nexpress().set('view engine', 'ejs-mate');\n`;
    const [finding] = await inspectAll({ files: { [file]: text } });
    expect(finding).to.include({ severity: 'error', code: 'code-package-missing', file, line: 2 });
    expect(finding?.message).to.equal(
      'The package ejs-mate, which express loads by this text, is not in package-lock.json, so its version is unknown.',
    );
    expect(finding?.remedy).to.include('npm install ejs-mate');
  });
});

describe('packages and files of the repository that an export cannot carry', () => {
  it('refuses a workspace, and says where its source is', async () => {
    const [finding, ...others] = await inspectAll({
      files: { [file]: `import { util } from '@acme/util';\nexport const x = util;\n` },
      packages: {
        'node_modules/@acme/util': { link: true, resolved: 'packages/util' },
        'packages/util': { version: '1.0.0' },
      },
    });
    expect(finding).to.include({ severity: 'error', code: 'code-package-missing', file, line: 1 });
    expect(finding?.message).to.match(/^The package @acme\/util is the folder packages\/util of this/);
    expect(finding?.remedy).to.match(/relative path \(\.\.\.\/packages\/util\/FILE\).*shared\/.*registry/);
    expect(others).to.deep.equal([]);
  });

  it("refuses the repository's package.json and tsconfig.json in every form of import", async () => {
    const text = `import { version } from '../../../../package.json' with { type: 'json' };
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
export const config: unknown = require('../../../../tsconfig.json');
export const shown = version;
`;
    const findings = await inspectAll({ files: { [file]: text } });
    const found = findings.map(({ severity, code, line }) => `${severity} ${code} ${line ?? 0}`);
    expect(found).to.deep.equal(['error code-repository-file 1', 'error code-repository-file 4']);
    expect(findings[0]?.message).to.include("'../../../../package.json' is package.json");
  });
});

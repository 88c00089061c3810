import { execFile } from 'node:child_process';
import { appendFile, chown, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createDatabase, testCluster } from '../support/postgres.ts';
import { extract, extractAll, findingsOf, newPair } from './support/extract.ts';
import { openPooler } from './support/pooler.ts';
import { query } from './support/server.ts';

const run = promisify(execFile);

describe('connection through a pooler', () => {
  it('refuses a pooler as source or target before any setting is changed', async () => {
    const pair = await newPair('CREATE TABLE t (id int)');
    const target = await createDatabase();
    for (const pooled of ['source', 'target'] as const) {
      const pooler = await openPooler(pooled === 'source' ? pair.source : target);
      try {
        const report = await extract({ ...pair, target, [pooled]: pooler.url }, 't', '--dry-run');
        expect([report.exitCode, findingsOf(report)]).to.deep.equal([3, ['error database-pooled']]);
        const { host } = new URL(pooler.url);
        expect(report.findings[0]!.message).to.contain(host).and.contain('the PostgreSQL server itself');
      } finally {
        await pooler.close();
      }
    }
  });
});

/** Makes the embedded server offer TLS with a self-signed certificate, and demand it of one role. */
describe('encrypted connections', function () {
  const role = `encrypted_${process.pid}`;
  let hba: string;
  let text: string;
  let certificate: string;

  before(async () => {
    const { adminUrl } = await testCluster();
    const [row] = await query(
      adminUrl,
      `SELECT current_setting('data_directory') AS data, current_setting('hba_file') AS hba`,
    );
    const { data, hba: file } = row as { data: string; hba: string };
    certificate = path.join(data, 'server.crt');
    hba = file;
    text = await readFile(hba, 'utf8');
    const key = path.join(data, 'server.key');
    await run(
      'openssl',
      `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other.example -keyout ${key} -out ${certificate}`.split(
        ' ',
      ),
    );
    const { uid, gid } = await stat(path.join(data, 'PG_VERSION'));
    for (const created of [key, certificate]) await chown(created, uid, gid);
    await run('chmod', ['600', key]);
    await query(adminUrl, `CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${role}'`);
    await writeFile(hba, `hostnossl all ${role} all reject\n${text}`);
    await appendFile(hba, '\n');
    await query(adminUrl, 'ALTER SYSTEM SET ssl = on');
    await query(adminUrl, 'SELECT pg_reload_conf()');
  });

  after(async () => {
    const { adminUrl } = await testCluster();
    await writeFile(hba, text);
    await query(adminUrl, 'ALTER SYSTEM RESET ssl');
    await query(adminUrl, 'SELECT pg_reload_conf()');
    await query(adminUrl, `DROP OWNED BY ${role}`);
  });

  const at = (url: string, user: string | null, parameters: string): string => {
    const address = new URL(url);
    if (user !== null) address.username = address.password = user;
    return `${address.href}?${parameters}`;
  };

  it('sslmode means what it means to libpq', async () => {
    const pair = await newPair('CREATE TABLE t (id int)');
    const attempt = async (user: string | null, parameters: string): Promise<number> =>
      (await extract({ ...pair, source: at(pair.source, user, parameters) }, 't', '--dry-run')).exitCode;
    // an unknown authority, and the name of another host
    for (const [mode, exitCode] of Object.entries({
      require: 0,
      prefer: 0,
      allow: 0,
      disable: 3,
      'verify-ca': 3,
      'verify-full': 3,
      'no-verify': 0,
    }))
      expect(await attempt(role, `sslmode=${mode}`), mode).to.equal(exitCode);
    const root = `sslrootcert=${encodeURIComponent(certificate)}`;
    expect(await attempt(role, `sslmode=verify-ca&${root}`)).to.equal(0);
    expect(await attempt(role, `sslmode=require&${root}`)).to.equal(0);
    expect(await attempt(role, `sslmode=verify-full&${root}`)).to.equal(3);
    expect(await attempt(null, 'sslmode=disable')).to.equal(0);
  });

  it('encrypts without sslmode where the server demands it', async () => {
    const pair = await newPair('CREATE TABLE t (id int); INSERT INTO t VALUES (1)');
    await extractAll({ source: at(pair.source, role, ''), target: at(pair.target, role, '') }, 't');
    expect(await query(pair.target, 'SELECT id FROM t')).to.deep.equal([{ id: 1 }]);
  });

  it('connects with sslmode=prefer, but not with require, to a server without encryption', async () => {
    const { adminUrl } = await testCluster();
    await query(adminUrl, 'ALTER SYSTEM SET ssl = off');
    await query(adminUrl, 'SELECT pg_reload_conf()');
    const pair = await newPair('CREATE TABLE t (id int)');
    for (const [mode, exitCode] of [
      ['prefer', 0],
      ['require', 3],
    ] as const) {
      const report = await extract(
        { ...pair, source: at(pair.source, null, `sslmode=${mode}`) },
        't',
        '--dry-run',
      );
      expect(report.exitCode, mode).to.equal(exitCode);
    }
  });
});

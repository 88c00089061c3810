import { expect } from 'chai';
import pg from 'pg';
import { readFile } from 'node:fs/promises';
import { namesOf } from '../../../../contracts/naming.ts';
import { parseToolId } from '../../../../contracts/ids.ts';
import { FENCE_SQLSTATE } from '../../../../contracts/fence.ts';
import { createDatabasePort, fingerprintTables } from '../../../../extraction/index.ts';
import { readDatabaseFacts } from '../../../../exporter/steps/database/read-database-facts.ts';
import type { SecretsPort } from '../../../../exporter/core/ports.ts';
import type { DatabaseRef, DatabasePort, FenceSpec, RoleSpec } from '../../../../extraction/api.ts';
import { createDatabase } from '../../../support/postgres.ts';

const names = namesOf(parseToolId('inventory-tracker'));
const TABLES = ['inventory_items', 'inventory_transactions'];
const folder = new URL('../../../../tools/inventory-tracker/database/', import.meta.url);

function memorySecrets(): SecretsPort & { readonly all: Map<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    ensure: (name) => Promise.resolve(all.get(name) ?? (all.set(name, `pw-${name}-'"\\`), all.get(name)!)),
    read: (name) => Promise.resolve(all.get(name)!),
    remove: (name) => Promise.resolve(void all.delete(name)),
    pathOf: (name) => `/secrets/${name}`,
  };
}

const quiet = {
  signal: new AbortController().signal,
  report: { log: () => undefined, progress: () => undefined, gate: () => undefined },
};

async function query(url: string, sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

describe('the database step on the embedded PostgreSQL', () => {
  let sourceUrl: string;
  let port: DatabasePort;
  const secrets = memorySecrets();
  const at: DatabaseRef = { server: { kind: 'source' }, database: names.database };
  const roles: RoleSpec[] = [
    { name: names.ownerRole, login: false, secret: null, memberOf: [], actsAs: null },
    {
      name: names.migratorRole,
      login: true,
      secret: names.secrets.migrator,
      memberOf: [names.ownerRole],
      actsAs: names.ownerRole,
    },
    { name: names.runtimeRole, login: true, secret: names.secrets.runtime, memberOf: [], actsAs: null },
  ];
  let fence: FenceSpec;

  const urlAs = (role: string, secret: string): string => {
    const url = new URL(sourceUrl);
    url.pathname = `/${names.database}`;
    url.username = role;
    url.password = secrets.all.get(secret)!;
    return url.href;
  };
  const facts = () => readDatabaseFacts({ sourceUrl, tables: TABLES, names, severIncoming: false });

  before(async () => {
    sourceUrl = await createDatabase();
    for (const file of ['migrations/001-create-inventory-tables.sql', 'seeds/inventory-seed-data.sql'])
      await query(sourceUrl, await readFile(new URL(file, folder), 'utf8'));
    port = createDatabasePort({ sourceUrl, secrets });
  });

  after(async () => {
    await port.dropDatabase(at);
    await port.dropRoles(at.server, roles);
  });

  it('counts the rows and finds no obstacle', async () => {
    const read = await facts();
    expect(read.findings.filter((item) => item.severity === 'error')).to.deep.equal([]);
    expect(Object.keys(read.rows)).to.deep.equal(TABLES);
    expect(read.rows['inventory_items']).to.equal(1250);
  });

  it('reports the privileges that are not copied, by role', async () => {
    await query(sourceUrl, 'GRANT SELECT ON inventory_items TO pg_monitor');
    const read = await facts();
    const replaced = read.findings.filter((item) => item.code === 'grants-replaced');
    expect(replaced.map((item) => [item.object, item.severity])).to.deep.equal([['pg_monitor', 'info']]);
    expect(replaced[0]?.message).to.contain('inventory_items').and.not.to.contain('inventory_transactions');
    await query(sourceUrl, 'REVOKE SELECT ON inventory_items FROM pg_monitor');
  });

  it('moves the tables to a new database, and is idempotent in each change', async () => {
    const { extraction, encoding, collate, ctype, provider, locale, rules, fenced } = await facts();
    fence = {
      toolId: 'inventory-tracker',
      toolName: 'Inventory Tracker',
      takenOverBy: names.api,
      tables: fenced,
    };
    for (let twice = 0; twice < 2; twice++) {
      await port.createRoles(at.server, roles);
      await port.createDatabase({
        at,
        owner: names.ownerRole,
        ...{ encoding, collate, ctype },
        ...(provider === undefined ? {} : { provider, locale: locale ?? null, rules: rules ?? null }),
        connect: [names.migratorRole, names.runtimeRole],
      });
      await port.fenceTables(fence, quiet);
      await port.copyTables(extraction!, at, quiet);
    }
    const fingerprints = await port.verifyTables(extraction!, at, quiet);
    expect(fingerprints['public.inventory_items']!.rows).to.equal(1250);
    const locales = await query(
      sourceUrl,
      `SELECT count(*)::int AS databases, count(DISTINCT (datlocprovider, datlocale, datcollate, datctype))::int AS locales
       FROM pg_database WHERE datname IN (current_database(), '${names.database}')`,
    );
    expect(locales).to.deep.equal([{ databases: 2, locales: 1 }]);
    const now = await fingerprintTables(
      urlAs(names.migratorRole, names.secrets.migrator),
      Object.keys(fingerprints),
    );
    expect(now).to.deep.equal(fingerprints);
  });

  it('fences the source against writes with the error of the contract, and allows reads', async () => {
    const failure = await query(sourceUrl, 'DELETE FROM inventory_items').catch(
      (error: unknown) => error as pg.DatabaseError,
    );
    expect(failure).to.include({ code: FENCE_SQLSTATE });
    expect((failure as pg.DatabaseError).message).to.contain(
      'Inventory Tracker has moved to inventory-tracker-api',
    );
    const truncated = await query(sourceUrl, 'TRUNCATE inventory_transactions').catch(
      (error: unknown) => error as pg.DatabaseError,
    );
    expect(truncated).to.include({ code: FENCE_SQLSTATE });
    expect(await query(sourceUrl, 'SELECT 1 FROM inventory_items LIMIT 1')).to.have.length(1);
  });

  it('lets the runtime role change rows but not the schema, and gives the migrator all rights of the owner', async () => {
    const runtime = urlAs(names.runtimeRole, names.secrets.runtime);
    const [row] = await query(
      runtime,
      'UPDATE inventory_items SET quantity = quantity + 1 WHERE id = (SELECT id FROM inventory_items LIMIT 1) RETURNING quantity',
    );
    expect(row!['quantity']).to.be.a('number');
    const refused = await query(runtime, 'CREATE TABLE x ()').catch(
      (error: unknown) => error as pg.DatabaseError,
    );
    expect(refused).to.include({ code: '42501' });
    await query(urlAs(names.migratorRole, names.secrets.migrator), 'CREATE TABLE later (id integer)');
    const [owner] = await query(
      runtime,
      `SELECT tableowner, has_table_privilege('later', 'INSERT') AS insert FROM pg_tables WHERE tablename = 'later'`,
    );
    expect(owner).to.deep.equal({ tableowner: names.ownerRole, insert: true });
  });

  it('names the differing row when the verification fails', async () => {
    const { extraction } = await facts();
    const failure = await port
      .verifyTables(extraction!, at, quiet)
      .catch((error: unknown) => error as Error & { code: string });
    expect(failure).to.include({ code: 'verification-failed' });
    expect((failure as Error).message).to.match(
      /public\.inventory_items \([0-9a-f-]{36}\): source .*, target /,
    );
  });

  it('undoes fence, tables, database, roles and passwords', async () => {
    const { extraction } = await facts();
    for (let twice = 0; twice < 2; twice++) {
      await port.unfenceTables(fence);
      await port.removeCopies(extraction!, at);
      await port.dropDatabase(at);
      await port.dropRoles(at.server, roles);
    }
    expect(await query(sourceUrl, `SELECT 1 FROM pg_namespace WHERE nspname LIKE 'platform%'`)).to.deep.equal(
      [],
    );
    expect(await query(sourceUrl, `SELECT 1 FROM pg_trigger WHERE NOT tgisinternal`)).to.deep.equal([]);
    expect(
      await query(sourceUrl, 'SELECT 1 FROM pg_database WHERE datname = $1', [names.database]),
    ).to.deep.equal([]);
    expect(
      await query(sourceUrl, 'SELECT 1 FROM pg_roles WHERE rolname = ANY ($1)', [
        roles.map((role) => role.name),
      ]),
    ).to.deep.equal([]);
    expect([...secrets.all.keys()]).to.deep.equal([]);
    await query(sourceUrl, 'UPDATE inventory_items SET quantity = quantity');
  });
});

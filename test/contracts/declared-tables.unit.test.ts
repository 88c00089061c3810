import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { PLATFORM_TABLES, sharedWith, tableNames } from '../../contracts/declared-tables.ts';
import { parseToolId, toolIdProblem } from '../../contracts/ids.ts';
import { manifestProblems, parseManifest } from '../../contracts/manifest.ts';
import { namesOf, toolOfOwnerRole } from '../../contracts/naming.ts';

const withTables = (tables: unknown): object => ({
  id: 'crm',
  name: 'CRM',
  version: '1.0.0',
  status: 'beta',
  route: '/tools/crm',
  databaseSchema: { tables },
});
const pointersOf = (tables: unknown): readonly string[] =>
  manifestProblems(withTables(tables)).map(({ pointer }) => pointer);

describe('the declared tables of a manifest', () => {
  const reserved = [
    'tool_history',
    'public.webhooks',
    'public."export_jobs"',
    'Tool_Words',
    'schema_migrations',
    'tool_migrations',
    'pg_catalog.pg_shadow',
    '"pg_catalog".pg_authid',
    'PG_CATALOG.pg_class',
    'pg_user_mapping',
    'pg_toast.pg_toast_1262',
    'information_schema.tables',
    'platform_fence.anything',
  ];
  for (const table of reserved)
    it(`refuses ${table}, which belongs to PostgreSQL or to the platform`, () => {
      const problems = manifestProblems(withTables(['contacts', table]));
      expect(problems.map(({ pointer }) => pointer)).to.deep.equal(['/databaseSchema/tables/1']);
      expect(problems[0]?.message).to.match(/belongs to (PostgreSQL|the platform)\. Declare only tables/);
      expect(pointersOf([{ name: table, sharedWith: ['billing'] }])).to.deep.equal([
        '/databaseSchema/tables/0',
      ]);
    });

  it('accepts names that only resemble those of the platform', () => {
    expect(
      pointersOf(['tool_registry_notes', 'stock.webhooks', 'sales.tool_registry', 'page_pg']),
    ).to.deep.equal([]);
  });

  it('keeps shared tables as they are written, and gives the names of all', () => {
    const shared = { name: 'contacts', sharedWith: ['billing', 'mailer'] };
    const { tables } = parseManifest(withTables(['notes', shared])).databaseSchema;
    expect(tables).to.deep.equal(['notes', shared]);
    expect(tableNames(tables)).to.deep.equal(['notes', 'contacts']);
    expect(tables.map(sharedWith)).to.deep.equal([[], ['billing', 'mailer']]);
  });

  it('refuses a table that is listed twice, and sharing with the tool itself, twice, or with no tool', () => {
    expect(pointersOf(['notes', { name: 'notes', sharedWith: ['billing'] }])).to.deep.equal([
      '/databaseSchema/tables/1',
    ]);
    expect(
      pointersOf([{ name: 'notes', sharedWith: ['crm', 'billing', 'billing', 'search'] }]),
    ).to.deep.equal([
      '/databaseSchema/tables/0/sharedWith/0',
      '/databaseSchema/tables/0/sharedWith/2',
      '/databaseSchema/tables/0/sharedWith/3',
    ]);
    expect(pointersOf([{ name: 'notes', sharedWith: [] }])).to.deep.equal([
      '/databaseSchema/tables/0/sharedWith',
    ]);
    expect(pointersOf([{ name: 'notes' }])).to.deep.equal(['/databaseSchema/tables/0/sharedWith']);
    expect(pointersOf([{ name: 'notes', sharedWith: ['billing'], owner: 'x' }])).to.deep.equal([
      '/databaseSchema/tables/0/owner',
    ]);
  });

  it("the list of the registry's tables names every table that the migrations of the registry create", () => {
    const folder = new URL('../../migrations/', import.meta.url);
    const created = readdirSync(folder)
      .filter((name) => name.endsWith('.sql') && !name.endsWith('.down.sql'))
      .flatMap((name) => [
        ...readFileSync(new URL(name, folder), 'utf8').matchAll(/CREATE TABLE (?:IF NOT EXISTS )?(\w+)/g),
      ])
      .map(([, name]) => name);
    expect(PLATFORM_TABLES).to.include.members(created);
  });
});

describe('the names of a tool', () => {
  const ids = [
    'foo',
    'tool-foo',
    'foo-app',
    'foo-owner',
    'foo-migrator',
    'tool-foo-app',
    'app',
    'foo-db',
    'owner',
  ];

  it('gives no two tools the same names, whatever words their ids contain', () => {
    const all = ids.flatMap((id) => {
      const n = namesOf(parseToolId(id));
      return [n.monolithRole, n.monolithOwnerRole, n.ownerRole, n.migratorRole, n.runtimeRole];
    });
    expect(new Set(all).size).to.equal(all.length);
    const databases = ids.flatMap((id) => {
      const n = namesOf(parseToolId(id));
      return [n.database, n.contractDatabase];
    });
    expect(new Set(databases).size).to.equal(databases.length);
  });

  it('separates names in the monolith by two underscores, which no role of a service contains', () => {
    for (const id of ids) {
      const n = namesOf(parseToolId(id));
      for (const role of [n.monolithRole, n.monolithOwnerRole]) expect(role).to.match(/^tool__/);
      for (const role of [n.ownerRole, n.migratorRole, n.runtimeRole]) expect(role).not.to.include('__');
    }
  });

  it('gives names that fit into the 63 bytes of PostgreSQL for the longest id', () => {
    const n = namesOf(parseToolId('a'.repeat(50)));
    for (const name of [n.monolithRole, n.monolithOwnerRole, n.migratorRole, n.contractDatabase])
      expect(name.length, name).to.be.at.most(63);
  });

  it('finds the tool of a role that owns tables', () => {
    for (const id of ids) expect(toolOfOwnerRole(namesOf(parseToolId(id)).monolithOwnerRole)).to.equal(id);
    for (const role of ['postgres', 'tool__foo', 'foo_owner', 'tool____owner'])
      expect(toolOfOwnerRole(role)).to.equal(null);
  });

  it('refuses ids whose names would begin like those of PostgreSQL', () => {
    for (const id of ['pg', 'pg-stats', 'pg-0']) expect(toolIdProblem(id), id).to.match(/reserved/);
    for (const id of ['pgstats', 'page-pg']) expect(toolIdProblem(id), id).to.equal(null);
    const pointers = manifestProblems({ ...withTables([]), id: 'pg-stats', route: '/tools/pg-stats' });
    expect(pointers.map(({ pointer }) => pointer)).to.deep.equal(['/id']);
  });
});

import { expect } from 'chai';
import { boundariesOf, tableUses } from './planted-source.ts';

/** A second module, because a source needs two; it uses no table. */
const OTHER = { 'src/modules/other/index.js': 'export const other = 1;' };

const keysOf = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const found = await boundariesOf({ ...OTHER, ...files });
  const own = found.couplings.filter(({ kind }) => kind === 'foreign-key').map(({ name }) => name);
  return own.sort();
};

const usesOf = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  tableUses(await boundariesOf({ ...OTHER, ...files }));

describe('tables of query builders', () => {
  it('reads tables of knex: bases, from, into, joins, aliases and transactions', async () => {
    const uses = await usesOf({
      'src/modules/shop/db.js': "import knex from 'knex';\nexport const store = knex({ client: 'pg' });",
      'src/modules/shop/index.js': `import { store } from './db.js';
        export const a = () => store('a').where({ id: 1 }).first();
        export const b = () => store('b as x').innerJoin('c', 'c.id', 'x.id').update({ n: 1 });
        export const d = () => store.select('*').from('d');
        export const e = () => store.insert({}).into('e');
        export const f = () => store.transaction(async (trx) => { await trx('f').del(); });
        export const g = () => store({ y: 'sales.g' }).leftJoin({ z: 'h' }, 'z.id', 'y.id');
        export const i = () => store.with('recent', store('i').select('*')).from('recent');
        export const j = async () => { const query = store('j'); query.join('k', 'k.id', 'j.id'); return query; };
        export const l = () => store.raw('select * from l where id = ?', [1]);
        export const m = () => store.batchInsert('m', []);
        export const none = [Array.from('n'), Buffer.from('o')];`,
    });
    expect(uses).to.deep.equal(
      [
        ...['a', 'c', 'd', 'h', 'i', 'j', 'k', 'l', 'sales.g'].map((table) => `shop reads ${table}`),
        ...['b', 'e', 'f', 'm'].map((table) => `shop writes ${table}`),
      ].sort(),
    );
  });

  it('lists a table of knex whose name a variable holds as unread', async () => {
    const found = await boundariesOf({
      ...OTHER,
      'src/modules/shop/index.js':
        "import knex from 'knex';\nconst db = knex({});\nexport const all = (table) => db(table);",
    });
    expect(found.unread).to.deep.equal([
      { file: 'src/modules/shop/index.js', line: 3, reason: 'a variable holds the name of this table' },
    ]);
  });

  it('reads tables, keys and renames of migrations of knex, and no use of tables in them', async () => {
    const found = await boundariesOf({
      'src/modules/pets/index.js': 'export const pets = 1;',
      'src/modules/owners/index.js': 'export const owners = 1;',
      'migrations/001.js': `const knex = require('knex');
        exports.up = async (db) => {
          await db.schema.createTable('owners', (t) => { t.increments('id'); });
          await db.schema.createTable('animals', (t) => {
            t.integer('owner_id').references('id').inTable('owners');
            t.foreign('second_owner_id').references('owners.id');
          });
          await db('owners').insert({ id: 1 });
        };`,
      'migrations/002.js': "exports.up = (db) => db.schema.renameTable('animals', 'pets');",
    });
    expect(found.tables.map(({ name, owner }) => `${name} of ${owner}`)).to.deep.equal([
      'owners of owners',
      'pets of pets',
    ]);
    expect(
      found.couplings.map(({ name, file, lines }) => `${name} ${file ?? ''}:${lines.join()}`),
    ).to.deep.equal([
      'animals_owner_id_foreign -> owners migrations/001.js:5',
      'animals_second_owner_id_foreign -> owners migrations/001.js:6',
    ]);
    expect(tableUses(found)).to.deep.equal([]);
  });

  it('reads tables of Kysely: every start of a statement, joins and common table expressions', async () => {
    const uses = await usesOf({
      'src/modules/shop/index.ts': `import { Kysely } from 'kysely';
        declare const store: Kysely<unknown>;
        export const a = () => store.selectFrom(['a', 'b as x']).leftJoin('c as y', 'y.id', 'x.id').execute();
        export const d = () => store.insertInto('d').values({}).execute();
        export const e = () => store.updateTable('e').set({}).execute();
        export const f = () => store.deleteFrom('sales.f').execute();
        export const g = () => store.with('recent', (q) => q.selectFrom('g')).selectFrom('recent').execute();`,
    });
    expect(uses).to.deep.equal(
      [
        ...['a', 'b', 'c', 'g'].map((table) => `shop reads ${table}`),
        ...['d', 'e', 'sales.f'].map((table) => `shop writes ${table}`),
      ].sort(),
    );
  });

  it('reads keys of schemas of Kysely', async () => {
    const keys = await keysOf({
      'src/modules/shop/index.ts': 'export const shop = 1;',
      'migrations/001.ts': `import { Kysely } from 'kysely';
        export const up = async (db: Kysely<unknown>) => {
          await db.schema.createTable('others').addColumn('id', 'integer').execute();
          await db.schema.createTable('shop_items')
            .addColumn('other_id', 'integer', (col) => col.references('others.id'))
            .addForeignKeyConstraint('shop_second', ['second'], 'others', ['id']).execute();
        };`,
    });
    expect(keys).to.deep.equal(['shop_items_other_id_fkey -> others', 'shop_second -> others']);
  });

  it('reads tables and keys of Drizzle, also through imports, schemas and the relational API', async () => {
    const files = {
      'src/modules/other/schema.ts': `import { pgSchema, pgTable, integer } from 'drizzle-orm/pg-core';
        export const people = pgTable('people', { id: integer('id') });
        const sales = pgSchema('sales');
        export const leads = sales.table('leads', { id: integer('id') });`,
      'src/modules/shop/index.ts': `import { pgTable, integer } from 'drizzle-orm/pg-core';
        import { leads, people } from '../other/schema.ts';
        declare const db: any;
        export const baskets = pgTable('baskets', { personId: integer('person_id').references(() => people.id) });
        export const a = () => db.select().from(baskets).leftJoin(people, 1);
        export const b = () => db.insert(leads).values({});
        export const c = () => db.query.people.findMany();
        export const d = (list: any) => db.insert(list);`,
    };
    expect(await usesOf(files)).to.deep.equal([
      'shop reads baskets',
      'shop reads people',
      'shop writes sales.leads',
    ]);
    expect(await keysOf(files)).to.deep.equal(['baskets_person_id_people_id_fk -> people']);
  });

  it('reads models of Prisma with mapped names, included relations and keys', async () => {
    const files = {
      'prisma/schema.prisma': `model Person {
  id      Int      @id
  baskets Basket[]
  @@map("people")
}
model Basket {
  id       Int    @id
  personId Int
  person   Person @relation(fields: [personId], references: [id])
}
`,
      'src/modules/shop/index.js': `import { PrismaClient } from '@prisma/client';
        const prisma = new PrismaClient();
        export const a = () => prisma.basket.findMany({ include: { person: true } });
        export const b = () => prisma.$transaction((tx) => tx.basket.update({ where: { id: 1 }, data: {} }));
        export const c = () => prisma.$queryRaw\`SELECT 1 FROM visits\`;
        export const d = (other) => other.basket.open();`,
    };
    const found = await boundariesOf({ ...OTHER, ...files });
    expect(tableUses(found)).to.deep.equal(['shop reads people', 'shop reads visits', 'shop writes Basket']);
    expect(found.tables.map(({ name }) => name)).to.deep.equal(['Basket', 'people', 'visits']);
    const both = await boundariesOf({
      ...files,
      'src/modules/person/index.js': `const { PrismaClient } = require('@prisma/client');
        const db = new PrismaClient();
        exports.all = () => db.person.create({});`,
    });
    const keys = both.couplings.filter(({ kind }) => kind === 'foreign-key');
    expect(keys.map(({ name, from, to, lines }) => [name, from, to, ...lines])).to.deep.equal([
      ['Basket_personId_fkey -> people', 'shop', 'person', 9],
    ]);
  });

  it('reads models of Sequelize: define, init, finders, writers, include and associations', async () => {
    const files = {
      'src/modules/other/models.js': `const { DataTypes, Sequelize } = require('sequelize');
        const sequelize = new Sequelize('postgres://');
        const Company = sequelize.define('Company', { name: DataTypes.STRING });
        module.exports = { sequelize, Company };`,
      'src/modules/shop/index.js': `const { Model } = require('sequelize');
        const { sequelize, Company } = require('../other/models.js');
        class Basket extends Model {}
        Basket.init({}, { sequelize, tableName: 'shop_baskets' });
        Basket.belongsTo(Company, { foreignKey: 'company_id' });
        exports.a = () => Basket.findAll({ include: [Company] });
        exports.b = () => Basket.create({});
        exports.c = () => sequelize.query('SELECT 1 FROM visits WHERE id = :id', { replacements: { id: 1 } });`,
    };
    expect(await usesOf(files)).to.deep.equal([
      'shop reads Companies',
      'shop reads visits',
      'shop writes shop_baskets',
    ]);
    expect(await keysOf(files)).to.deep.equal(['shop_baskets_company_id_fkey -> Companies']);
  });

  it('lists packages whose tables are not read', async () => {
    const found = await boundariesOf({
      ...OTHER,
      'src/modules/shop/index.ts': "import { Entity } from 'typeorm';\nexport const all = Entity;",
      'src/modules/shop/types.ts': "import type { Entity } from 'typeorm';\nexport type All = typeof Entity;",
    });
    expect(found.unread).to.deep.equal([
      { file: 'src/modules/shop/index.ts', line: 1, reason: 'tables that typeorm reaches are not read' },
    ]);
  });
});

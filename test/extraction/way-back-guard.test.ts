import { expect } from 'chai';
import { createPublication } from '../../extraction/live/stream.ts';
import { createWayBackGuard, dropWayBackGuard, readAdditions } from '../../extraction/live/way-back-guard.ts';
import { openSession, type Session } from '../../extraction/run/session.ts';
import { createDatabase } from '../support/postgres.ts';

const SCHEMA = `
CREATE TYPE size AS ENUM ('small', 'large');
CREATE DOMAIN code AS text CHECK (VALUE ~ '^[A-Z]+$');
CREATE TABLE "Parts" (id int PRIMARY KEY, code code NOT NULL, size size, sizes size[], price numeric(8,2) CHECK (price >= 0),
  twice numeric GENERATED ALWAYS AS (price * 2) STORED, parent int REFERENCES "Parts", UNIQUE (code));
CREATE UNIQUE INDEX first_of_size ON "Parts" (size, price);
CREATE TABLE moves (at date, id int, part int, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
CREATE TABLE moves_2025 PARTITION OF moves FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE log (line text); ALTER TABLE log REPLICA IDENTITY FULL;
CREATE SEQUENCE tickets;
CREATE TABLE elsewhere (n int)`;

const TABLES = ['public."Parts"', 'public.moves_2025', 'public.log'];
const COLUMNS = {
  'public."Parts"': ['id', 'code', 'size', 'sizes', 'price', 'parent'],
  'public.moves_2025': ['at', 'id', 'part'],
  'public.log': ['line'],
};

describe('the guard of a way back', () => {
  let session: Session;

  before(async () => {
    session = await openSession({ url: await createDatabase(), plain: true });
    await session.query(SCHEMA);
    await createPublication(session, { name: 'parts_back', tables: TABLES, columns: COLUMNS });
    await createWayBackGuard(session, 'parts_back');
    await session.query('CREATE ROLE parts_migrator; GRANT CREATE, USAGE ON SCHEMA public TO parts_migrator');
    for (const table of ['"Parts"', 'moves', 'moves_2025', 'log', 'elsewhere'])
      await session.query(`ALTER TABLE ${table} OWNER TO parts_migrator`);
    await session.query('ALTER SEQUENCE tickets OWNER TO parts_migrator');
    await session.query('ALTER TYPE size OWNER TO parts_migrator; ALTER DOMAIN code OWNER TO parts_migrator');
  });
  after(async () => {
    await session.end();
  });

  /** Runs a migration as the role of migrations; `null`, or why it was refused. Leaves nothing. */
  async function migrate(statements: string): Promise<string | null> {
    await session.query('BEGIN; SET LOCAL ROLE parts_migrator');
    try {
      await session.query(statements);
      return null;
    } catch (error) {
      return (error as Error).message;
    } finally {
      await session.query('ROLLBACK');
    }
  }

  const REFUSED: readonly [string, RegExp][] = [
    [
      'ALTER TABLE "Parts" DROP COLUMN price CASCADE',
      /^ALTER TABLE would end the way back of this service's export, which needs .*column public\."Parts"\.price \(numeric\(8,2\)\)/,
    ],
    ['ALTER TABLE "Parts" DROP COLUMN parent', /cannot drop column parent of table "Parts"/],
    [
      'ALTER TABLE "Parts" ALTER price TYPE numeric(9,3)',
      /cannot alter type of a column|column public\."Parts"\.price/,
    ],
    ['ALTER TABLE "Parts" RENAME COLUMN size TO extent', /column public\."Parts"\.size \(public\.size\)/],
    ['ALTER TABLE "Parts" ALTER code DROP NOT NULL', /NOT NULL of public\."Parts"\.code/],
    [
      'ALTER TABLE "Parts" ALTER twice DROP EXPRESSION',
      /column public\."Parts"\.twice \(numeric generated as/,
    ],
    ['ALTER TABLE "Parts" DROP CONSTRAINT "Parts_code_key"', /UNIQUE \(code\) of public\."Parts"/],
    ['ALTER TABLE "Parts" DROP CONSTRAINT "Parts_price_check"', /CHECK .*price.* of public\."Parts"/],
    ['ALTER TABLE "Parts" DROP CONSTRAINT "Parts_parent_fkey"', /FOREIGN KEY .* of public\."Parts"/],
    ['DROP INDEX first_of_size', /DROP INDEX would .*UNIQUE INDEX ON public\."Parts"/],
    ['ALTER TABLE log REPLICA IDENTITY NOTHING', /replica identity 'f' of public\.log/],
    [
      'ALTER TABLE log ADD COLUMN more text',
      /the list of columns of public\.log, whose replica identity is not its key: public\.log\.line/,
    ],
    ['ALTER TABLE log RENAME TO journal', /table public\.log/],
    ['DROP TABLE log', /DROP TABLE would .*table public\.log/],
    ['DROP TABLE "Parts"', /needs column public\."Parts"\.code .* and \d+ more$/],

    ['DROP SEQUENCE tickets', /DROP SEQUENCE would .*sequence public\.tickets/],
    ['DROP TYPE size CASCADE', /DROP TYPE would .*public\."Parts"\.size/],
    ["ALTER TYPE size ADD VALUE 'huge'", /the labels 'small', 'large' of type public\.size/],
    ["ALTER TYPE size RENAME VALUE 'small' TO 'tiny'", /the labels 'small', 'large' of type public\.size/],
    ['ALTER DOMAIN code DROP CONSTRAINT code_check', /CHECK .* of domain public\.code/],
    [
      "CREATE TABLE moves_2026 PARTITION OF moves FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
      /CREATE TABLE would .*the list of partitions of public\.moves: public\.moves_2025/,
    ],
    ['ALTER TABLE moves DETACH PARTITION moves_2025', /the list of partitions of public\.moves/],
  ];
  for (const [statement, reason] of REFUSED)
    it(`refuses ${statement}`, async () => {
      expect(await migrate(statement)).to.match(reason);
    });

  const ALLOWED: readonly string[] = [
    'ALTER TABLE "Parts" ADD COLUMN colour text',
    'ALTER TABLE "Parts" ADD COLUMN weight int NOT NULL DEFAULT 1, ADD CHECK (weight > 0)',
    'ALTER TABLE "Parts" ALTER size SET NOT NULL, ALTER price SET DEFAULT 0',
    'ALTER TABLE "Parts" RENAME CONSTRAINT "Parts_code_key" TO unique_codes',
    'ALTER INDEX first_of_size RENAME TO one_of_size',
    'CREATE INDEX ON "Parts" (price); CREATE TABLE tags (part int REFERENCES "Parts", tag text)',
    'ALTER TABLE elsewhere DROP COLUMN n; DROP TABLE elsewhere',
    'CREATE TYPE mood AS ENUM (\'good\'); ALTER TABLE "Parts" ADD COLUMN mood mood',
    'CREATE TEMP TABLE passing (n int); DROP TABLE passing',
  ];
  for (const statement of ALLOWED)
    it(`allows ${statement}`, async () => {
      expect(await migrate(statement)).to.equal(null);
    });

  it('publishes a table whose list of columns PostgreSQL would refuse as a whole', async () => {
    await session.query("INSERT INTO log VALUES ('a'); UPDATE log SET line = 'b'; DELETE FROM log");
  });

  it('names the tables and columns that the monolith has not', async () => {
    await session.query('BEGIN');
    await session.query(
      'ALTER TABLE "Parts" ADD COLUMN "New" text; CREATE TABLE schema_migrations (name text); CREATE TABLE tags ()',
    );
    expect(await readAdditions(session)).to.deep.equal([
      'column public."Parts"."New" (text)',
      'table public.tags',
    ]);
    await session.query('ROLLBACK');
  });

  it('refuses nothing once the way back has ended', async () => {
    await dropWayBackGuard(session);
    await dropWayBackGuard(session);
    expect(await readAdditions(session)).to.deep.equal([]);
    expect(await migrate('DROP TABLE log')).to.equal(null);
  });
});

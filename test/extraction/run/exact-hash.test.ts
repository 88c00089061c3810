import { expect } from 'chai';
import { checksumTable } from '../../../extraction/run/checksum.ts';
import { openSession, type Session } from '../../../extraction/run/session.ts';
import { createDatabase } from '../../support/postgres.ts';
import { query } from '../support/server.ts';

/** Type, and values that its equality, its hash or its cast to text takes for one, or nearly. `NULL` is among them all. */
const NEARLY: readonly (readonly [string, readonly string[]])[] = [
  ['bool', ['true', 'false']],
  ['int2', ['0', '1', '-1', '256']],
  ['int4', ['0', '1', '-1', '65536']],
  // both halves, folded into one another, are the same
  ['int8', ['0', '4294967297', '-1', '1', '4294967296', '-4294967296']],
  ['oid', ['0', '1', '4294967295']],
  [
    'numeric',
    [
      '1',
      '1.0',
      '1.00',
      '-1',
      '10',
      '0',
      '0.0',
      "'NaN'",
      "'Infinity'",
      "'-Infinity'",
      '0.00000000000000000001',
    ],
  ],
  ['numeric(12,2)', ['1', '1.01', '-1']],
  ['float4', ['0', "'-0'", '1', '-1', "'NaN'", "'Infinity'", "'-Infinity'", '1.0000001']],
  ['float8', ['0', "'-0'", '1', '-1', "'NaN'", "'Infinity'", "'-Infinity'", '1.0000000000000002']],
  ['money', ['0', '1', '-1']],
  ['text', ["''", "' '", "'a'", "'A'", "'a '", "'\u00e9'", "'e\u0301'", "'NULL'", "'()'"]],
  ['text COLLATE public.ci', ["''", "'a'", "'A'", "'á'"]],
  ['varchar(9)', ["''", "'a'", "'A'", "'a '"]],
  ['bpchar', ["''", "' '", "'a'", "'a '"]],
  ['char(4)', ["'a'", "'A'", "''"]],
  ['"char"', ["'a'", "'A'", "''"]],
  ['name', ["'a'", "'A'", "'a '"]],
  ['bytea', ["''", "'\\x00'", "'\\x0000'", "'\\x61'"]],
  ['date', ["'2024-01-01'", "'2024-01-02'", "'infinity'", "'-infinity'", "'0044-03-15 BC'"]],
  ['time', ["'00:00'", "'24:00'", "'00:00:00.000001'", "'01:11:34.967297'"]],
  ['timetz', ["'12:00+00'", "'13:00+01'", "'12:00+01'"]],
  // 2^32 + 1 microseconds after the first, whose two halves fold into its hash
  [
    'timestamp',
    ["'2000-01-01'", "'2000-01-01 01:11:34.967297'", "'2000-01-01 00:00:00.000001'", "'infinity'"],
  ],
  [
    'timestamptz',
    [
      "'2000-01-01 00:00+00'",
      "'2000-01-01 01:11:34.967297+00'",
      "'2000-01-01 00:00:00.000001+00'",
      "'-infinity'",
    ],
  ],
  ['interval', ["'1 day'", "'24 hours'", "'1 month'", "'30 days'", "'0'"]],
  ['uuid', ["'00000000-0000-0000-0000-000000000000'", "'00000000-0000-0000-0000-000000000001'"]],
  ['inet', ["'10.0.0.1'", "'10.0.0.1/8'", "'10.0.0.0/8'", "'::10.0.0.1'"]],
  ['cidr', ["'10.0.0.0/8'", "'10.0.0.0/9'"]],
  ['macaddr', ["'08:00:2b:01:02:03'", "'08:00:2b:01:02:04'"]],
  ['bit(3)', ["B'000'", "B'001'", "B'100'"]],
  ['varbit', ["B''", "B'0'", "B'00'", "B'1'"]],
  ['json', [`'{"a":1}'`, `'{"a": 1}'`, `'{"a":1,"a":1}'`, "'null'", "'1'", "'1.0'"]],
  ['jsonb', [`'{"a":1}'`, `'{"a":1.0}'`, "'null'", "'1'", "'1.0'", `'"1"'`, "'[]'", "'{}'"]],
  ['xml', ["'<a/>'", "'<a></a>'"]],
  ['point', ["'(0,0)'", "'(-0,0)'", "'(0,0.0000001)'"]],
  ['tsvector', ["'a'", "'a:1'", "'a:1A'"]],
  ['int4[]', ["'{}'", "'{1}'", "'[0:0]={1}'", "'{{1}}'", "'{NULL}'", "'{1,NULL}'"]],
  ['text[]', ["'{}'", '\'{""}\'', "'{NULL}'", '\'{"NULL"}\'', '\'{"a,b"}\'', "'{a,b}'"]],
  ['numeric[]', ["'{1.0}'", "'{1.00}'", "'{-1.0}'"]],
  ['int4range', ["'empty'", "'[1,2)'", "'(,2)'", "'[1,)'"]],
  ['numrange', ["'[1.0,2]'", "'[1.00,2]'", "'[1.0,2)'"]],
  ['nummultirange', ["'{}'", "'{[1.0,2]}'", "'{[1.00,2]}'"]],
  ['public.mood', ["'low'", "'Low'", "'high'"]],
  ['public.pair', ["'(1.0,)'", "'(1.00,)'", "'(,)'", '\'(1.0,"")\'']],
  ['public.amount', ['1.0', '1.00', '-1.0']],
  ['public.amounts', ["'{1.0}'", "'{1.00}'"]],
  ['public.label', ["''", "' '", "'a'", "'A'"]],
];

const TYPES = `CREATE COLLATION ci (PROVIDER = icu, LOCALE = 'und-u-ks-level1', DETERMINISTIC = false);
CREATE TYPE mood AS ENUM ('low', 'Low', 'high'); CREATE TYPE pair AS (n numeric, t text);
CREATE DOMAIN amount AS numeric; CREATE DOMAIN amounts AS numeric[]; CREATE DOMAIN short AS bpchar; CREATE DOMAIN label AS short`;

/** Server-made values that are text for text the same, though their bytes differ. */
const SAME: readonly (readonly [string, string, string])[] = [
  ['float8', "'NaN'", "'Infinity'::float8 - 'Infinity'::float8"],
  ['float4', "'NaN'", "'Infinity'::float4 - 'Infinity'::float4"],
];

describe('checksums of values', function () {
  let session: Session;
  before(async () => {
    const url = await createDatabase();
    await query(url, TYPES);
    session = await openSession({ url });
  });
  after(() => session.end());

  const digestOf = async (columns: readonly string[], rows: string): Promise<string> => {
    await session.query(
      `ROLLBACK; BEGIN; CREATE TABLE public.held (${columns.map((type, n) => `c${n} ${type}`).join(', ')}); INSERT INTO public.held ${rows}`,
    );
    const compared = columns.map((_, n) => `c${n}`);
    return (await checksumTable(session, { name: 'public.held', compared })).digest;
  };

  for (const [type, values] of NEARLY)
    it(`distinguishes values of ${type}, alone and when two rows swap them`, async () => {
      const all = [...values, 'NULL'];
      const seen = new Map<string, string>();
      for (const value of all) {
        const digest = await digestOf(['int4', type], `VALUES (1, ${value})`);
        expect(seen.get(digest), `${value} has the digest of`).to.equal(undefined);
        seen.set(digest, value);
      }
      for (let n = 1; n < all.length; n++) {
        const [one, other] = [all[n - 1]!, all[n]!];
        const before = await digestOf(['int4', type], `VALUES (1, ${one}), (2, ${other})`);
        const after = await digestOf(['int4', type], `VALUES (1, ${other}), (2, ${one})`);
        expect(after, `${one} and ${other}, exchanged`).to.not.equal(before);
        const swapped = await digestOf([type, type], `VALUES (${one}, ${other})`);
        expect(
          await digestOf([type, type], `VALUES (${other}, ${one})`),
          `${one}, ${other} in one row`,
        ).to.not.equal(swapped);
      }
    });

  for (const [type, one, other] of SAME)
    it(`treats ${other} of ${type} as equal to its text`, async () => {
      expect(await digestOf([type], `VALUES (${one})`)).to.equal(await digestOf([type], `VALUES (${other})`));
    });

  it('ignores that an array once had a NULL', async () => {
    const fresh = await digestOf(['int4[]'], `VALUES ('{5,1}')`);
    await digestOf(['int4[]'], `VALUES ('{NULL,1}')`);
    await session.query('UPDATE public.held SET c0[1] = 5');
    expect((await checksumTable(session, { name: 'public.held', compared: ['c0'] })).digest).to.equal(fresh);
  });

  it('ignores the oids of domains and enums', async () => {
    const columns = ['public.amount', 'public.mood', 'public.label'];
    const rows = `VALUES (1.0, 'low', 'a ')`;
    const first = await digestOf(columns, rows);
    await session.query('ROLLBACK; DROP TYPE public.amount, public.label, public.mood, public.short');
    await session.query(
      `CREATE TYPE public.mood AS ENUM ('high', 'low'); CREATE DOMAIN public.short AS bpchar; CREATE DOMAIN public.label AS public.short; CREATE DOMAIN public.amount AS numeric`,
    );
    expect(await digestOf(columns, rows)).to.equal(first);
  });

  it('gives the same checksum in every major', async () => {
    // recorded, so that a server whose hashes differ fails here and not during an export
    const columns = [
      'int4',
      'int8',
      'text',
      'numeric',
      'timestamptz',
      'uuid',
      'jsonb',
      'bytea',
      'bool',
      'text[]',
    ];
    const rows = `VALUES (1, 2, 'three', 4.0, '2024-05-05 05:05:05.5+00', '66666666-6666-6666-6666-666666666666', '{"7": 7}', '\\x08', true, '{ten}'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`;
    expect(await digestOf(columns, rows)).to.equal('d3e05ddcd885a4fd3fcc023d7c30aacd');
  });
});

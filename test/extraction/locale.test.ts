import { expect } from 'chai';
import { findLocaleProblem } from '../../extraction/run/create-database.ts';
import { createDatabase } from '../support/postgres.ts';
import { createWith, extract, extractAll, findingsOf, newPair } from './support/extract.ts';
import { query } from './support/server.ts';

const LOCALES = {
  icu: `ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LC_COLLATE 'C' LC_CTYPE 'C'`,
  rules: `ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' ICU_RULES '& b < a' LC_COLLATE 'C' LC_CTYPE 'C'`,
  builtin: `ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'`,
  libc: `ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`,
};

const WORDS = `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'apple'), (2, 'Banana'), (3, 'äh'), (4, 'b')`;

const LOCALE = `
SELECT datlocprovider, datlocale, daticurules, datcollate, datctype, pg_encoding_to_char(encoding) AS encoding,
  (SELECT string_agg(v, ',' ORDER BY v) FROM t) AS sorted, (SELECT string_agg(upper(v), ',' ORDER BY id) FROM t) AS upper
FROM pg_database WHERE datname = current_database()`;

describe('locale of the target', () => {
  it('tries the locale on the server of the target before any change', async () => {
    const url = new URL(await createDatabase());
    url.pathname += '_missing';
    const common = { encoding: 'UTF8', collate: 'C', ctype: 'C' };
    const icu = { ...common, provider: 'icu', locale: 'en-US' } as const;
    expect(await findLocaleProblem(url.href, common)).to.equal(null);
    expect(await findLocaleProblem(url.href, { ...icu, rules: '& b < a' })).to.equal(null);
    expect(await findLocaleProblem(url.href, { ...icu, rules: '& <' })).to.contain('rules');
    expect(await findLocaleProblem(url.href, { ...common, collate: 'xx_XX.utf8' })).to.contain('xx_XX.utf8');
  });

  for (const [name, options] of Object.entries(LOCALES))
    it(`is that of a source with ${name === 'rules' ? 'ICU rules of its own' : `the provider ${name}`}`, async () => {
      const pair = await newPair(WORDS, options);
      await extractAll(pair, 't');
      expect(await query(pair.target, LOCALE)).to.deep.equal(await query(pair.source, LOCALE));
    });

  it('reports an existing target that sorts differently', async () => {
    const pair = await newPair(WORDS, LOCALES.icu);
    for (const options of [LOCALES.libc, LOCALES.builtin, LOCALES.rules]) {
      const target = await createWith(options);
      const report = await extract({ ...pair, target }, 't', '--dry-run');
      expect(findingsOf(report), options).to.deep.equal([
        `warning locale-differs ${new URL(target).pathname.slice(1)}`,
      ]);
    }
    expect(findingsOf(await extract({ ...pair, target: await createWith(LOCALES.icu) }, 't'))).to.deep.equal(
      [],
    );
  });

  it('refuses a target whose order of text rows of partitions or checks may not fit', async () => {
    const pair = await newPair(
      `CREATE TABLE p (k text) PARTITION BY RANGE (k); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (MINVALUE) TO ('m');
       CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('m') TO (MAXVALUE); INSERT INTO p VALUES ('apple'), ('Zebra');
       CREATE TABLE c (a text CHECK (a > 'a'), b text CHECK (length(b) > 2), n int CHECK (n > 3), l text, u text GENERATED ALWAYS AS (upper(l)) STORED);
       CREATE TABLE fine (k text COLLATE "C") PARTITION BY RANGE (k); CREATE TABLE fine1 PARTITION OF fine FOR VALUES FROM (MINVALUE) TO ('m')`,
      LOCALES.icu,
    );
    const target = await createWith(LOCALES.libc);
    const report = await extract({ ...pair, target }, 'p,c,fine');
    expect(report.exitCode).to.equal(3);
    expect(findingsOf(report).filter((item) => item.startsWith('error'))).to.deep.equal([
      'error locale-incompatible public.p',
      'error locale-incompatible c_a_check ON public.c',
      'error locale-incompatible public.c.u',
    ]);
    await extractAll(pair, 'p,c,fine');
  });
});

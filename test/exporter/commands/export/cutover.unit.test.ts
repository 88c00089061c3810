import { expect } from 'chai';
import type { Finding } from '../../../../contracts/plan.ts';
import { chooseCutover, type CutoverQuestion } from '../../../../exporter/commands/export/choose-cutover.ts';
import { finding } from '../../../../extraction/index.ts';

const limit = (message: string, remedy: string): Finding =>
  finding({ code: 'live-impossible', severity: 'error', message, remedy });

const WAL = limit('wal_level of the server is replica', 'ALTER SYSTEM SET wal_level = logical');
const KEYLESS = limit('public.tags has no key', 'Add a primary key to public.tags');
const CONFIGURATION = limit('spatial_ref_sys is a configuration table', '');

const choose = (question: Partial<CutoverQuestion>): ReturnType<typeof chooseCutover> =>
  chooseCutover({ requested: 'auto', shadow: false, tables: 2, limits: [], ...question });

describe('the choice of the cut-over', () => {
  it('is live where nothing prevents it, by default and on request', () => {
    for (const requested of ['auto', 'live'] as const)
      expect(choose({ requested })).to.deep.equal({ cutover: 'live', findings: [] });
  });

  it('is fenced on request, without a word about a live cut-over', () => {
    for (const limits of [[], [WAL]])
      expect(choose({ requested: 'fenced', limits })).to.deep.equal({ cutover: 'fenced', findings: [] });
  });

  it('is fenced by default where something prevents a live one, and one line names every reason and remedy', () => {
    const { cutover, findings } = choose({ limits: [WAL, KEYLESS, CONFIGURATION] });
    expect(cutover).to.equal('fenced');
    expect(findings).to.deep.equal([
      {
        code: 'cutover-fenced',
        severity: 'info',
        step: 'database',
        message:
          'Writes stop during the copy: wal_level of the server is replica; public.tags has no key; spatial_ref_sys is a configuration table.',
        remedy:
          'For a live cut-over, in which writes go on: ALTER SYSTEM SET wal_level = logical; Add a primary key to public.tags',
      },
    ]);
  });

  it('promises no remedy where there is none', () => {
    expect(choose({ limits: [CONFIGURATION] }).findings.map(({ remedy }) => remedy)).to.deep.equal(['']);
  });

  it('names a remedy of several limits once, and shortens a long list with the command that gives it in full', () => {
    const limits = Array.from({ length: 11 }, (_, n) => limit(`t${n} has no key`, 'Add keys'));
    const [found] = choose({ limits }).findings;
    expect(found?.message).to.match(/t7 has no key; and 3 more \(--cutover=live --dry-run names all\)\.$/);
    expect(found?.remedy).to.equal('For a live cut-over, in which writes go on: Add keys');
  });

  it('refuses a live cut-over on request for each reason, with its remedy and the fenced one', () => {
    const { cutover, findings } = choose({ requested: 'live', limits: [WAL, CONFIGURATION] });
    expect(cutover).to.equal('live');
    expect(findings.map(({ severity, remedy }) => `${severity}: ${remedy}`)).to.deep.equal([
      'error: ALTER SYSTEM SET wal_level = logical, or export with --cutover=fenced',
      'error: Export with --cutover=fenced',
    ]);
  });

  it('is never fenced where answers are to be compared, which only a live one can', () => {
    const { cutover, findings } = choose({ shadow: true, limits: [KEYLESS] });
    expect(cutover).to.equal('live');
    expect(findings.map(({ severity, remedy }) => `${severity}: ${remedy}`)).to.deep.equal([
      'error: Add a primary key to public.tags, or export without --shadow',
    ]);
  });

  it('is live for a tool without tables, whose writes cannot stop, and compares no answers there', () => {
    expect(choose({ tables: 0 })).to.deep.equal({ cutover: 'live', findings: [] });
    const { findings } = choose({ tables: 0, shadow: true });
    expect(findings.map(({ code, severity, remedy }) => [code, severity, remedy])).to.deep.equal([
      ['live-impossible', 'error', 'Leave --shadow out'],
    ]);
  });
});

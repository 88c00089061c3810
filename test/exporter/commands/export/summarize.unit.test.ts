import { expect } from 'chai';
import { summarize, type EndOfExport } from '../../../../exporter/commands/export/summarize.ts';

const ADDRESSES = {
  name: 'Invoices',
  serviceUrl: 'http://localhost:4100',
  gatewayUrl: 'http://localhost:8080/api/invoices',
  webUrl: 'http://localhost:8080/tools/invoices/',
  databaseName: 'invoices_db',
};
const GATES = [{ outcome: 'passed' }, { outcome: 'not-run' }, { outcome: 'passed' }] as const;
const end = (kept: object, plan: EndOfExport['plan'], fencedMs: number | null): EndOfExport => ({
  plan,
  kept: { summary: ADDRESSES, ...kept },
  gates: GATES,
  fencedMs,
});

describe('the summary of a completed export', () => {
  it('counts the compared rows of a fenced export, and the time of its fence', () => {
    const fingerprints = { 'public.invoices': { rows: 40 }, 'public.lines': { rows: 160 } };
    const fenced = { runtime: 'local', cutover: 'fenced' } as const;
    expect(summarize(end({ fingerprints, contractCalls: 12 }, fenced, 5_200))).to.deep.equal({
      ...ADDRESSES,
      ...fenced,
      movedRows: 200,
      verifiedRows: 200,
      contractCalls: 12,
      checksPassed: 2,
      checksNotRun: 1,
      pauseMs: 5_200,
    });
  });

  it('takes rows and pause of a live export from its switch', () => {
    const cutover = { pauseMs: 87, copiedRows: 1_000, verifiedRows: 1_004 };
    const live = { runtime: 'docker', cutover: 'live' } as const;
    expect(summarize(end({ cutover }, live, null))).to.include({
      movedRows: 1_000,
      verifiedRows: 1_004,
      pauseMs: 87,
      contractCalls: null,
    });
  });

  it('names no rows, pause or database of a tool without tables', () => {
    const kept = { summary: { ...ADDRESSES, databaseName: undefined } };
    expect(summarize(end(kept, { runtime: 'local', cutover: 'fenced' }, null))).to.include({
      databaseName: null,
      movedRows: null,
      verifiedRows: null,
      pauseMs: null,
    });
  });
});

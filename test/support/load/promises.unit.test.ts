import { expect } from 'chai';
import { brokenPromises, type PhaseRule } from './promises.ts';
import type { Answer } from './traffic.ts';

const answer = (some: Partial<Answer>): Answer => ({
  name: 'list',
  method: 'GET',
  address: 'gateway',
  phase: 'p',
  at: 0,
  ms: 1,
  status: 200,
  retryAfter: false,
  ...some,
});
const broken = (rule: Partial<PhaseRule>, ...answers: readonly Partial<Answer>[]): readonly string[] =>
  brokenPromises([{ phase: 'p', ...rule }], [answer({}), ...answers.map(answer)], null);
const REFUSED = { method: 'POST', status: 503, retryAfter: true };

describe('promises of the load', () => {
  it('counts every answer but 2xx and 3xx as a failure', () => {
    for (const status of [0, 404, 429, 500, 502, 503])
      expect(broken({}, { status })).to.deep.equal(['p: 1 requests failed, of at most 0']);
    expect(broken({}, { status: 201 }, { status: 304 })).to.deep.equal([]);
  });

  it('lets a fence refuse writes with 503 and Retry-After, and nothing else', () => {
    expect(broken({ fenced: true }, REFUSED)).to.deep.equal([]);
    expect(broken({}, REFUSED)).to.have.length(1);
    for (const other of [{ retryAfter: false }, { method: 'GET' }, { status: 502 }])
      expect(broken({ fenced: true }, { ...REFUSED, ...other })).to.have.length(1);
  });

  it('allows the failures of a kill, and no more', () => {
    expect(broken({ failures: 1 }, { status: 502 })).to.deep.equal([]);
    expect(broken({ failures: 1 }, { status: 502 }, { status: 0 })).to.have.length(1);
  });

  it('allows the outage of an only instance, as long as its answers have Retry-After and it ends in time', () => {
    const away = { status: 502, retryAfter: true };
    expect(broken({ outageMs: 100 }, away, { ...away, at: 99 })).to.deep.equal([]);
    expect(broken({ outageMs: 100 }, away, { ...away, at: 100 })).to.deep.equal([
      'p: the service was away for 101 ms, of at most 100 ms',
    ]);
    expect(broken({ outageMs: 100 }, { ...away, retryAfter: false })).to.have.length(1);
  });

  it('reports a phase without an answer, and the faults of the audit', () => {
    const audited = { acknowledged: 1, refused: 0, unknown: 0, lost: ['a'], doubled: ['b'], stored: ['c'] };
    expect(brokenPromises([{ phase: 'p' }], [], audited)).to.deep.equal([
      'p: no request was answered with 200',
      '1 acknowledged writes are lost: a',
      '1 writes are stored twice: b',
      '1 refused writes are stored: c',
    ]);
  });
});

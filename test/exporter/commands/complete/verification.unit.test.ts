import { expect } from 'chai';
import { verificationOf } from '../../../../exporter/commands/complete/verification.ts';

const copied = { changes: [{ kind: 'copy-tables' }] } as never;
const gate = (outcome: string, detail?: string) => ({ gates: [{ gate: 'verification', outcome, detail }] });

describe('the verification of an export that is completed', () => {
  it('counts only when its gate has passed', () => {
    expect(verificationOf(copied, gate('passed'))).to.equal(null);
    expect(verificationOf(copied, gate('failed', '3 rows differ'))).to.equal(
      'the gate "verification" is failed (3 rows differ)',
    );
    expect(verificationOf(copied, gate('not-run'))).to.equal('the gate "verification" is not-run');
    for (const open of [null, {}, { gates: [] }])
      expect(verificationOf(copied, open)).to.equal('the gate "verification" is open');
  });

  it('is open after a rollback that has found rows that differ', () => {
    const result = { ...gate('passed'), returnDiffers: 'public.items: 2 rows' };
    expect(verificationOf(copied, result)).to.equal('a rollback has found rows that differ');
  });

  it('is not needed for a tool without tables', () => {
    expect(verificationOf({ changes: [] }, null)).to.equal(null);
  });
});

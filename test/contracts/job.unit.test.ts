import { expect } from 'chai';
import { isUndoable, JOB_STATUSES } from '../../contracts/job.ts';

describe('a job that a user may roll back', () => {
  it('has ended with effects, and no completion has ended its way back', () => {
    const open = JOB_STATUSES.filter((status) => isUndoable({ status, finalizedAt: null }));
    expect(open).to.deep.equal(['completed', 'failed', 'interrupted', 'rollback_failed']);
    const finalizedAt = '2026-11-29T07:17:00.000Z';
    expect(JOB_STATUSES.filter((status) => isUndoable({ status, finalizedAt }))).to.deep.equal([]);
  });
});

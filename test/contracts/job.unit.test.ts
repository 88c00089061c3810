import { expect } from 'chai';
import { isAtWork, isUndoable, JOB_STATUSES, type JobRollback } from '../../contracts/job.ts';

const rollback: JobRollback = {
  actor: 'ada',
  requestedAt: '2026-11-29T07:17:00.000Z',
  endedAt: null,
  refusal: null,
};
const job = { finalizedAt: null, rollback: null, openChanges: 3 };

describe('a job that a user may roll back', () => {
  it('has ended with changes that are not undone, and no completion has ended its way back', () => {
    const open = JOB_STATUSES.filter((status) => isUndoable({ ...job, status }));
    expect(open).to.deep.equal(['completed', 'failed', 'interrupted', 'rollback_failed']);
    const finalizedAt = '2026-11-29T07:17:00.000Z';
    for (const status of JOB_STATUSES) {
      expect(isUndoable({ ...job, status, finalizedAt }), status).to.equal(false);
      expect(isUndoable({ ...job, status, openChanges: 0 }), `${status} without changes`).to.equal(false);
    }
  });

  it('is not being rolled back, and can be rolled back again after a refusal', () => {
    const refused = { ...rollback, endedAt: '2026-11-29T07:18:00.000Z', refusal: 'rows would be lost' };
    expect(isUndoable({ ...job, status: 'completed', rollback })).to.equal(false);
    expect(isAtWork({ status: 'completed', rollback })).to.equal(true);
    expect(isUndoable({ ...job, status: 'completed', rollback: refused })).to.equal(true);
    expect(isAtWork({ status: 'completed', rollback: refused })).to.equal(false);
  });
});

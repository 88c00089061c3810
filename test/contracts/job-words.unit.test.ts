import { expect } from 'chai';
import { JOB_OUTCOMES, JOB_STATUSES, type JobRollback, type JobStatus } from '../../contracts/job.ts';
import { jobWords } from '../../contracts/job-words.ts';

const AT = '2026-11-29T07:17:00.000Z';

describe('the state of a job in words', () => {
  it('tells an export that failed from one that a user has rolled back', () => {
    expect(jobWords({ status: 'rolled_back', outcome: 'failed' })).to.equal('Failed, rolled back');
    expect(jobWords({ status: 'rolled_back', outcome: 'completed' })).to.equal('Rolled back');
    expect(jobWords({ status: 'rolled_back', outcome: 'cancelled' })).to.equal('Cancelled');
    expect(jobWords({ status: 'cancelled', outcome: 'cancelled' })).to.equal('Cancelled');
  });

  it('tells a rollback that has died from an export that has', () => {
    expect(jobWords({ status: 'interrupted', outcome: 'completed' })).to.equal('Rollback interrupted');
    expect(jobWords({ status: 'interrupted', outcome: 'interrupted' })).to.equal('Interrupted');
  });

  it('names the person who has cancelled an export, and the one who has rolled it back', () => {
    const ended = { actor: 'grace', requestedAt: AT, endedAt: AT, refusal: null };
    const rolledBack = { status: 'rolled_back', cancelledBy: null, rollback: ended } as const;
    expect(jobWords({ ...rolledBack, outcome: 'completed' })).to.equal('Rolled back by grace');
    expect(jobWords({ ...rolledBack, outcome: 'failed' })).to.equal('Failed, rolled back by grace');
    expect(jobWords({ ...rolledBack, outcome: 'failed', rollback: null })).to.equal('Failed, rolled back');
    expect(jobWords({ ...rolledBack, outcome: 'interrupted' })).to.equal('Interrupted, rolled back by grace');
    for (const status of ['cancelled', 'rolled_back'] as const)
      expect(jobWords({ status, outcome: 'cancelled', cancelledBy: 'ada', rollback: null })).to.equal(
        'Cancelled by ada',
      );
  });

  it('says that a rollback is under way from its request on, and not after its refusal', () => {
    const requested = { actor: 'grace', requestedAt: AT, endedAt: null, refusal: null };
    const words = (status: JobStatus, rollback: JobRollback): string =>
      jobWords({ status, outcome: status === 'completed' ? 'completed' : null, rollback });
    expect(words('completed', requested)).to.equal('Rolling back, requested by grace');
    expect(words('in_progress', requested)).to.equal(words('completed', requested));
    expect(words('completed', { ...requested, endedAt: AT, refusal: 'no' })).to.equal('Completed');
  });

  it('tells an export at work from one that is cancelled or has failed and rolls back', () => {
    const running = { status: 'in_progress', outcome: null } as const;
    const steps = [{ status: 'completed' }, { status: 'failed' }] as const;
    expect(jobWords(running)).to.equal('In progress');
    expect(jobWords({ ...running, steps })).to.equal('Failed, rolling back');
    expect(jobWords({ ...running, steps, cancelledBy: 'ada' })).to.equal('Cancelling');
    expect(jobWords({ status: 'pending', outcome: null, cancelledBy: 'ada' })).to.equal('Cancelling');
  });

  it('tells the rollbacks that have not ended well by how the export had ended', () => {
    expect(jobWords({ status: 'rollback_failed', outcome: 'completed' })).to.equal('Rollback incomplete');
    expect(jobWords({ status: 'rollback_failed', outcome: 'failed' })).to.equal(
      'Failed, rollback incomplete',
    );
    expect(jobWords({ status: 'interrupted', outcome: 'failed' })).to.equal('Failed, rollback interrupted');
  });

  it('exists for every state', () => {
    for (const status of JOB_STATUSES)
      for (const outcome of [null, ...JOB_OUTCOMES])
        expect(jobWords({ status, outcome }), `${status} ${String(outcome)}`).to.match(/^[A-Z]/);
  });
});

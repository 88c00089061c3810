import { expect } from 'chai';
import { JOB_OUTCOMES, JOB_STATUSES } from '../../contracts/job.ts';
import { jobWords } from '../../contracts/job-words.ts';

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

  it('exists for every state', () => {
    for (const status of JOB_STATUSES)
      for (const outcome of [null, ...JOB_OUTCOMES])
        expect(jobWords({ status, outcome }), `${status} ${String(outcome)}`).to.match(/^[A-Z]/);
  });
});

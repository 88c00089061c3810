import { expect } from 'chai';
import { PlatformError } from '../../../contracts/errors.ts';
import type { Plan } from '../../../contracts/plan.ts';
import type { GitState } from '../../../exporter/core/ports.ts';
import { makePlan } from '../../../exporter/engine/plan.ts';
import { findStaleness, refuseStalePlan, refuseStaleResumption } from '../../../exporter/engine/stale.ts';
import { PIPELINE } from '../../../exporter/pipeline.ts';
import { COMMIT, fixtureFacts } from '../support/fixture-facts.ts';

const facts = fixtureFacts();
const plan: Plan = makePlan(
  facts,
  PIPELINE.map((step) => ({ step, facts })),
);
const git = (change: Partial<GitState> = {}): GitState => ({ commit: COMMIT, dirty: [], ...change });
const refusal = (work: () => void): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof PlatformError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
};

describe('a plan whose repository may have changed', () => {
  it('accepts a plan at its own commit, whatever else was edited', () => {
    expect(findStaleness(plan, git({ dirty: ['README.md', 'tools/hr/x.ts', 'apps/crm-api/x.ts'] }))).to.equal(
      null,
    );
    expect(refusal(() => refuseStalePlan(plan, git()))).to.equal('accepted');
  });

  it('refuses a plan after a commit', () => {
    expect(findStaleness(plan, git({ commit: 'abc' }))).to.deep.equal({ was: COMMIT, is: 'abc' });
    expect(findStaleness(plan, git({ commit: null }))).to.deep.equal({ was: COMMIT, is: null });
  });

  it('refuses a plan when a file that the export reads was edited: the tool, its templates, carried code', () => {
    const read = ['tools/crm/manifest.json', 'templates/service/x.ejs', 'package-lock.json', 'lib/money.ts'];
    expect(findStaleness(plan, git({ dirty: [...read, 'lib/time.ts'] }))).to.deep.equal({ changed: read });
  });

  it('refuses a stale plan between two steps with the command that exports again', () => {
    expect(refusal(() => refuseStalePlan(plan, git({ commit: null })))).to.equal(
      `plan-stale: HEAD was ${COMMIT.slice(0, 12)} when the plan was made and is gone now. ` +
        'Export again: npx gulp export --tool-id=crm',
    );
    expect(refusal(() => refuseStalePlan(plan, git({ dirty: ['tools/crm/x.ts'] })))).to.equal(
      'plan-stale: Changed since the plan was made: tools/crm/x.ts. ' +
        'Your edits are kept. Commit them, then export again: npx gulp export --tool-id=crm',
    );
  });

  it('refuses to resume a stale plan with the command that rolls back, and names few of many files', () => {
    const dirty = [1, 2, 3, 4, 5, 6, 7].map((n) => `tools/crm/${n}.ts`);
    expect(refusal(() => refuseStaleResumption(plan, git({ dirty })))).to.match(
      /tools\/crm\/5\.ts and 2 more\. Undo these edits and resume, or roll the export back: npx gulp rollback --tool-id=crm$/,
    );
  });
});

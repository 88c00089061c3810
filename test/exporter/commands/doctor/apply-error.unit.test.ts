import { expect } from 'chai';
import { applyErrorIn } from '../../../../exporter/commands/doctor/apply-error.ts';

const LOG = `2026-03-01 10:00:00.001 UTC [41] ERROR:  relation "nothing" does not exist at character 15
2026-03-01 10:00:00.001 UTC [41] STATEMENT:  SELECT * FROM nothing
2026-03-01 10:00:01.100 UTC [77] ERROR:  duplicate key value violates unique constraint "parts_pkey"
2026-03-01 10:00:01.100 UTC [77] DETAIL:  Key (id)=(7) already exists.
2026-03-01 10:00:01.100 UTC [77] CONTEXT:  processing remote data for replication origin "pg_16500" during message type "INSERT" for replication target relation "public.parts" in transaction 812, finished at 0/1A2B3C4
2026-03-01 10:00:01.101 UTC [1] LOG:  background worker "logical replication apply worker" (PID 77) exited with exit code 1
2026-03-01 10:00:02.500 UTC [78] ERROR:  logical replication target relation "public.bolts" is missing replicated column: "colour"
2026-03-01 10:00:02.500 UTC [78] CONTEXT:  processing remote data for replication origin "pg_165" during message type "INSERT" in transaction 815, finished at 0/1A2B999
`;

describe('the reason in the log of PostgreSQL why a change is not applied', () => {
  it('is the last error of the worker of this subscription', () => {
    expect(applyErrorIn(LOG, 'pg_16500')).to.equal(
      'duplicate key value violates unique constraint "parts_pkey"',
    );
    expect(applyErrorIn(LOG, 'pg_165')).to.match(/is missing replicated column: "colour"$/);
  });

  it('is unknown for a subscription that the log does not mention', () => {
    expect(applyErrorIn(LOG, 'pg_9')).to.equal(null);
    expect(applyErrorIn('', 'pg_165')).to.equal(null);
    expect(applyErrorIn(LOG, null)).to.equal(null);
  });
});

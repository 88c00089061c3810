import { expect } from 'chai';
import { withConnection } from '../../registry-api/store/with-connection.ts';
import { createDatabase } from '../support/postgres.ts';

const CUT_ALL = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

describe('withConnection', () => {
  let url: string;
  before(async () => {
    url = await createDatabase();
  });

  it('returns the result of the work, and always closes the connection', async () => {
    const pidOf = (fail: boolean): Promise<number> =>
      withConnection({ connectionString: url }, async (client) => {
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        const { pid } = rows[0]!;
        if (fail) throw Object.assign(new Error('no'), { pid });
        return pid;
      });
    const pids = [
      await pidOf(false),
      await pidOf(true).catch((error: unknown) => (error as { pid: number }).pid),
    ];
    await withConnection({ connectionString: url }, async (client) => {
      const open = (): Promise<{ rowCount: number | null }> =>
        client.query('SELECT 1 FROM pg_stat_activity WHERE pid = ANY ($1)', [pids]);
      while ((await open()).rowCount !== 0); // a backend ends shortly after its client
    });
  });

  it('survives a disconnect by the server at any moment', async () => {
    await withConnection({ connectionString: url }, async (killer) => {
      let [going, broken] = [true, 0];
      const cutting = (async () => {
        while (going) await killer.query(CUT_ALL);
      })();
      for (let round = 0; round < 300; round++)
        await withConnection({ connectionString: url }, async (client) => {
          await client.query('SELECT 1');
          await new Promise((resolve) => setImmediate(resolve));
        }).catch(() => (broken += 1));
      going = false;
      await cutting;
      expect(broken, 'cut while at work').to.be.greaterThan(0);
    });
  });
});

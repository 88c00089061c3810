import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Lab } from './lab.ts';

/** Holds an export just before it begins a change of this kind: the journal's row is asked for and not yet written. */
export interface Hold {
  /** Resolves when the export stands there. `gone` ends the waiting with an error: the export never came. */
  reached(gone: Promise<unknown>): Promise<void>;
  release(): Promise<void>;
}

const LOCK = 4_343;

export async function holdBefore(lab: Lab, kind: string): Promise<Hold> {
  const client = new pg.Client({
    connectionString: await lab.databaseUrl(),
    application_name: 'hold',
  });
  client.on('error', () => undefined); // a failing test leaves it to the end of its lab
  await client.connect();
  await client.query(`SELECT pg_advisory_lock(${LOCK}, 0)`);
  await client.query(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_advisory_xact_lock(${LOCK}, 0);
      RETURN NEW;
    END $$;
    CREATE TRIGGER hold BEFORE INSERT ON export_journal FOR EACH ROW
      WHEN (NEW.change->>'kind' = ${pg.escapeLiteral(kind)}) EXECUTE FUNCTION hold()`);
  return {
    async reached(gone) {
      const end = { over: false };
      void gone.finally(() => (end.over = true));
      for (;;) {
        const { rowCount } = await client.query(
          `SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = ${LOCK} AND NOT granted`,
        );
        if (rowCount !== 0) return;
        if (end.over) throw new Error(`the export ended before it came to ${kind}`);
        await delay(50);
      }
    },
    async release() {
      await client.query(`SELECT pg_advisory_unlock(${LOCK}, 0)`);
      await client.query('DROP TRIGGER hold ON export_journal; DROP FUNCTION hold()');
      await client.end();
    },
  };
}

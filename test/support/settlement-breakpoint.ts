import type { ChildProcess } from 'node:child_process';
import type pg from 'pg';
import { killAtBreakpoint } from './kill-at-breakpoint.ts';

const LOCK_CLASS = 4_243;
const STATES = ['forgotten', 'closed', 'home', 'dropped'] as const;

/**
 * Stops a rollback just before it records the progress of the reverse sync, and kills it there; or an export that
 * resumes instead, before it deletes that record.
 */
export class SettlementBreakpoint {
  readonly #client: pg.Client;
  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** `client` is the breakpoint's own from then on. */
  static async install(client: pg.Client): Promise<SettlementBreakpoint> {
    await client.query(`
      CREATE SCHEMA settlement;
      CREATE FUNCTION settlement.wait() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE state text := NEW.result -> 'serviceWrites' ->> 'state';
      BEGIN
        IF state IS DISTINCT FROM OLD.result -> 'serviceWrites' ->> 'state' THEN
          PERFORM pg_advisory_xact_lock(${LOCK_CLASS}, coalesce(array_position(ARRAY['closed', 'home', 'dropped'], state), 0));
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER settlement BEFORE UPDATE ON export_jobs FOR EACH ROW EXECUTE FUNCTION settlement.wait()`);
    return new SettlementBreakpoint(client);
  }

  async killAt(state: (typeof STATES)[number], start: () => ChildProcess): Promise<void> {
    const number = STATES.indexOf(state);
    await this.#client.query('SELECT pg_advisory_lock($1, $2)', [LOCK_CLASS, number]);
    await killAtBreakpoint(this.#client, { breakpoint: LOCK_CLASS, moment: state, start, endSessions: true });
    await this.#client.query('SELECT pg_advisory_unlock($1, $2)', [LOCK_CLASS, number]);
  }

  async remove(): Promise<void> {
    await this.#client.query('DROP TRIGGER settlement ON export_jobs; DROP SCHEMA settlement CASCADE');
    await this.#client.end();
  }
}

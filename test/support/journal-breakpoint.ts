import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Lab } from './lab.ts';

const STATES = ['started', 'done', 'undoing', 'undone'] as const;

/** A moment of an export or a rollback: where the journal's row of change `seq` takes this state. */
export interface Moment {
  readonly seq: number;
  readonly state: (typeof STATES)[number];
}

/** Class of the advisory locks; the object is the moment. */
const LOCK_CLASS = 4_242;
const MOST_CHANGES = 60;

/**
 * Stops exporters at chosen moments. A trigger on the journal waits for an advisory lock that the test holds, so that a
 * process can be killed with the effect done and its row not yet written, or the other way round, and nowhere else.
 */
export class JournalBreakpoint {
  readonly #client: pg.Client;
  readonly #lab: Lab;
  private constructor(client: pg.Client, lab: Lab) {
    this.#client = client;
    this.#lab = lab;
  }

  static async install(lab: Lab): Promise<JournalBreakpoint> {
    const client = new pg.Client({
      connectionString: await lab.databaseUrl(),
      application_name: 'journal breakpoint',
    });
    client.on('error', () => undefined); // a failing test leaves it to the end of its lab
    await client.connect();
    await client.query(`
      CREATE SCHEMA breakpoint;
      CREATE TABLE breakpoint.stop (moment int); -- no key: fingerprints list constraints
      CREATE FUNCTION breakpoint.wait() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE reached int := NEW.seq * 4 + array_position(ARRAY['started', 'done', 'undoing', 'undone'], NEW.state) - 1;
      BEGIN
        IF EXISTS (SELECT FROM breakpoint.stop s WHERE s.moment = reached) THEN
          PERFORM pg_advisory_xact_lock(${LOCK_CLASS}, reached);
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER breakpoint BEFORE INSERT OR UPDATE ON export_journal FOR EACH ROW EXECUTE FUNCTION breakpoint.wait();
      SELECT pg_advisory_lock(${LOCK_CLASS}, m) FROM generate_series(0, ${MOST_CHANGES * 4}) m;`);
    return new JournalBreakpoint(client, lab);
  }

  /** From now on, an exporter that reaches one of these moments waits there. */
  async stopAt(moments: readonly Moment[]): Promise<void> {
    for (const moment of moments)
      await this.#client.query(
        'SELECT pg_advisory_lock($1, $2) WHERE NOT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND objid::int = $2 AND classid::int = $1)',
        [LOCK_CLASS, numberOf(moment)],
      );
    await this.#client.query('TRUNCATE breakpoint.stop');
    await this.#client.query('INSERT INTO breakpoint.stop SELECT unnest($1::int[])', [moments.map(numberOf)]);
  }

  /** Runs what `start` starts until it stops at a moment, then kills it there. `null`: it ended without one. */
  async killNext(start: () => ChildProcess): Promise<Moment | null> {
    const child = start();
    let output = '';
    child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    let moment: Moment | null = null;
    while (moment === null && child.exitCode === null) {
      moment = await this.#reached();
      if (moment === null) await delay(20);
    }
    if (moment === null) {
      await ended;
      if (child.exitCode !== 0) throw new Error(`ended with ${child.exitCode} before any moment:\n${output}`);
      return null;
    }
    // Before the effect: the row is written, and nothing is done. After it: all is done, and the row does not say so
    if (moment.state === 'started' || moment.state === 'undoing') {
      child.kill('SIGSTOP');
      await this.release(moment);
      while (!(await this.#written(moment))) await delay(5);
    }
    child.kill('SIGKILL');
    await ended;
    await this.#client.query('DELETE FROM breakpoint.stop WHERE moment = $1', [numberOf(moment)]);
    await this.#freeLocks();
    return moment;
  }

  /** Waits until a process stands at a moment, and leaves it there: what it stands for can change meanwhile. */
  async reached(child: Pick<ChildProcess, 'exitCode'>): Promise<Moment> {
    while (child.exitCode === null) {
      const moment = await this.#reached();
      if (moment !== null) return moment;
      await delay(20);
    }
    throw new Error(`ended with ${child.exitCode} before any moment`);
  }

  /** Releases the exporter that waits at the moment; none waits there again. */
  async release(moment: Moment): Promise<void> {
    await this.#client.query('DELETE FROM breakpoint.stop WHERE moment = $1', [numberOf(moment)]);
    await this.#client.query('SELECT pg_advisory_unlock($1, $2)', [LOCK_CLASS, numberOf(moment)]);
  }

  /** The changes of the latest job that a rollback has undone. */
  async undone(): Promise<readonly number[]> {
    const { rows } = await this.#client.query<{ seq: number }>(
      `SELECT seq FROM export_journal
        WHERE state = 'undone' AND job_id = (SELECT id FROM export_jobs ORDER BY ordinal DESC LIMIT 1)`,
    );
    return rows.map(({ seq }) => seq);
  }

  async #written({ seq, state }: Moment): Promise<boolean> {
    const { rowCount } = await this.#client.query(
      `SELECT FROM export_journal e JOIN export_jobs j ON j.id = e.job_id AND j.status IN ('in_progress', 'completed')
        WHERE e.seq = $1 AND e.state = $2`,
      [seq, state],
    );
    return (rowCount ?? 0) > 0;
  }

  async #reached(): Promise<Moment | null> {
    const { rows } = await this.#client.query<{ moment: number }>(
      `SELECT objid::int AS moment FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND NOT granted`,
      [LOCK_CLASS],
    );
    const found = rows[0]?.moment;
    return found === undefined
      ? null
      : { seq: Math.floor(found / 4), state: STATES[(found % 4) as 0 | 1 | 2 | 3] };
  }

  /** PostgreSQL notices a dead client within two seconds; there is nothing to learn from waiting for that each time. */
  async #freeLocks(): Promise<void> {
    for (;;) {
      const { rows } = await this.#client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^(export|rollback|complete) '`,
      );
      if (rows.length === 0) return;
      await delay(20);
    }
  }

  async remove(): Promise<void> {
    await this.#client.end().catch(() => undefined); // PostgreSQL may have been restarted meanwhile
    const client = new pg.Client({ connectionString: await this.#lab.databaseUrl() });
    await client.connect();
    await client.query('DROP TRIGGER breakpoint ON export_journal; DROP SCHEMA breakpoint CASCADE');
    await client.end();
  }
}

const numberOf = ({ seq, state }: Moment): number => seq * 4 + STATES.indexOf(state);

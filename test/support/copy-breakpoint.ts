import type { ChildProcess } from 'node:child_process';
import type pg from 'pg';
import { killAtBreakpoint } from './kill-at-breakpoint.ts';

const LOCK_CLASS = 4_244;

/**
 * Stops a COPY into a table at a chosen row, and kills its process there. Implemented by a check constraint, because no
 * trigger fires during the reverse sync.
 */
export class CopyBreakpoint {
  readonly #client: pg.Client;
  readonly #tables: readonly string[];
  private constructor(client: pg.Client, tables: readonly string[]) {
    this.#client = client;
    this.#tables = tables;
  }

  /** `client` is the breakpoint's own from then on; `columns`: one of each table, whose values name its rows. */
  static async install(
    client: pg.Client,
    columns: Readonly<Record<string, string>>,
  ): Promise<CopyBreakpoint> {
    client.on('error', () => undefined); // a failing test leaves it to the end of its lab
    await client.query(`
      CREATE SCHEMA copying;
      CREATE TABLE copying.stop (label text);
      CREATE FUNCTION copying.pass(label text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM copying.stop s WHERE s.label = pass.label) THEN
          PERFORM pg_advisory_xact_lock(${LOCK_CLASS}, 0);
        END IF;
        RETURN true;
      END $$;
      SELECT pg_advisory_lock(${LOCK_CLASS}, 0)`);
    for (const [table, column] of Object.entries(columns))
      await client.query(
        `ALTER TABLE ${table} ADD CONSTRAINT copying CHECK (copying.pass(${column})) NOT VALID`,
      );
    return new CopyBreakpoint(client, Object.keys(columns));
  }

  async killAt(row: string, start: () => ChildProcess): Promise<void> {
    await this.#client.query('INSERT INTO copying.stop VALUES ($1)', [row]);
    await killAtBreakpoint(this.#client, {
      breakpoint: LOCK_CLASS,
      moment: row,
      statement: /^COPY/,
      start,
      endSessions: false,
    });
    await this.#client.query('TRUNCATE copying.stop');
  }

  async remove(): Promise<void> {
    for (const table of this.#tables)
      await this.#client.query(`ALTER TABLE ${table} DROP CONSTRAINT copying`);
    await this.#client.query('DROP SCHEMA copying CASCADE');
    await this.#client.end();
  }
}

import type { Json } from '../../contracts/plan.ts';
import type { Queryable } from '../../registry-api/store/pool.ts';

const MERGE = `UPDATE export_jobs SET result = CASE WHEN $3::jsonb IS NULL THEN coalesce(result, '{}') - $2::text
    ELSE coalesce(result, '{}') || jsonb_build_object($2::text, $3::jsonb) END WHERE id = $1`;

/**
 * Values that are kept with a job: addresses, fingerprints, verdicts of gates. Once there is a job, each is written at
 * once and over the connection that holds the lock, so that a later process knows it even if this one dies.
 */
export class JobMemory {
  readonly #values: Record<string, unknown> = {};
  #job: { readonly client: Queryable; readonly id: string } | null = null;

  /** From here on values are written to the job's row. */
  attach(client: Queryable, jobId: string): void {
    this.#job = { client, id: jobId };
  }

  /** Loads the values that an earlier process has kept with the job. */
  load(values: Readonly<Record<string, unknown>> | null): void {
    Object.assign(this.#values, values ?? {});
  }

  get(name: string): unknown {
    return this.#values[name];
  }

  all(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  /** `null` forgets the value. */
  async keep(name: string, value: Json): Promise<void> {
    if (value === null) Reflect.deleteProperty(this.#values, name);
    else this.#values[name] = value;
    if (this.#job === null) return;
    const text = value === null ? null : JSON.stringify(value);
    await this.#job.client.query(MERGE, [this.#job.id, name, text]);
  }
}

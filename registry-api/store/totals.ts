import type { Facets } from './facets.ts';
import type { ToolFilter } from './tool-filter.ts';

const MOST_ENTRIES = 500;

/**
 * Caches the number of tools that pass a filter, because counting the matches of a word costs more than reading a
 * page of them. Every change of a tool clears the cache: own changes call `forget`, and so does the listener to
 * `tool_changed` for those of other processes. A count that a change overtakes is not cached.
 */
export class Totals {
  #generation = 0;
  readonly #known = new Map<string, Promise<unknown>>();

  forget(): void {
    this.#generation += 1;
    this.#known.clear();
  }

  /** {@link forget} as a promise. */
  forgetLater(): Promise<void> {
    this.forget();
    return Promise.resolve();
  }

  count(filter: ToolFilter, read: () => Promise<number>): Promise<number> {
    return this.#remember(`count ${keyOf(filter)}`, read);
  }

  facets(filter: ToolFilter, read: () => Promise<Facets>): Promise<Facets> {
    return this.#remember(`facets ${keyOf(filter)}`, read);
  }

  #remember<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const generation = this.#generation;
    const reading = read();
    if (this.#known.size >= MOST_ENTRIES) this.#known.clear();
    this.#known.set(key, reading);
    reading.catch(() => {
      if (this.#generation === generation) this.#known.delete(key);
    });
    return reading;
  }
}

function keyOf({ status, exported, owner, q, dependsOn }: ToolFilter): string {
  return JSON.stringify([status && [...status].sort(), exported, owner, q, dependsOn]);
}

import type { Facets } from './facets.ts';
import type { ToolFilter } from './tool-filter.ts';

const MAX_ENTRIES = 500;

/**
 * Caches the number of tools that pass a filter, because counting the matches of a word costs more than reading a
 * page of them. Every change of a tool clears the cache: own changes call `clear`, and so does the listener to
 * `tool_changed` for those of other processes. A count that a change overtakes is not cached.
 */
export class Totals {
  #generation = 0;
  readonly #known = new Map<string, Promise<unknown>>();

  clear(): void {
    this.#generation += 1;
    this.#known.clear();
  }

  /** {@link clear} as a promise. */
  clearAsync(): Promise<void> {
    this.clear();
    return Promise.resolve();
  }

  count(filter: ToolFilter, read: () => Promise<number>): Promise<number> {
    return this.#cached(`count ${keyOf(filter)}`, read);
  }

  facets(filter: ToolFilter, read: () => Promise<Facets>): Promise<Facets> {
    return this.#cached(`facets ${keyOf(filter)}`, read);
  }

  #cached<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const generation = this.#generation;
    const reading = read();
    if (this.#known.size >= MAX_ENTRIES) this.#known.clear();
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

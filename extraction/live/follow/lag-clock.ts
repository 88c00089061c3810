interface Sample {
  readonly written: bigint;
  readonly at: number;
}

/**
 * How long ago the target was level with the source: the age of the first write that it has not confirmed. Pure; the
 * caller reads both positions and the time in milliseconds.
 */
export class LagClock {
  readonly #samples: Sample[] = [];

  /** @returns seconds behind the source */
  observe(positions: { readonly written: bigint; readonly confirmed: bigint }, at: number): number {
    const { written, confirmed } = positions;
    if (written > (this.#samples.at(-1)?.written ?? confirmed)) this.#samples.push({ written, at });
    while (this.#samples[0] !== undefined && this.#samples[0].written <= confirmed) this.#samples.shift();
    const [oldest] = this.#samples;
    return oldest === undefined ? 0 : (at - oldest.at) / 1000;
  }
}

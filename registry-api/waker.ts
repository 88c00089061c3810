/** Wakes one waiter. A call without a waiter is not lost: the next wait returns at once. */
export class Waker {
  #awake = false;
  #open = true;
  #resume: (() => void) | null = null;

  get isOpen(): boolean {
    return this.#open;
  }

  wake(): void {
    this.#awake = true;
    this.#resume?.();
  }

  close(): void {
    this.#open = false;
    this.wake();
  }

  /** Returns after the next {@link wake}, or after `ms` milliseconds. */
  async next(ms: number): Promise<void> {
    if (!this.#awake)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#resume = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#awake = false;
    this.#resume = null;
  }
}

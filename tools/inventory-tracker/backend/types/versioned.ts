/** A row, and its version: every change gives it another one. */
export interface Versioned<T> {
  readonly row: T;
  readonly version: string;
}

/** An application that the platform is part of. */
export interface HostApplication {
  /** Whether it identifies the callers: see `setHostUser`. */
  readonly identifiesCallers: boolean;
  /** Whether it trusts the forwarded headers of this address (its setting `trust proxy`). */
  readonly trusts: (address: string, hop: number) => boolean;
}

/**
 * SQLSTATE that a fenced table raises to every ordinary writer while, and after, its tool moves out.
 * Hosts answer 503 with Retry-After to it. Class PF is not used by PostgreSQL (Appendix A of its manual).
 */
export const FENCE_SQLSTATE = 'PF503';
/** Seconds that a client is asked to wait. */
export const FENCE_RETRY_AFTER_SECONDS = 5;
/** Schema that holds the fence's function, so that undoing leaves no trace in the tool's own schema. */
export const FENCE_FUNCTION = 'platform_fence';

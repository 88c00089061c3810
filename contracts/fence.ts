/**
 * SQLSTATE that a fenced table raises for every ordinary writer, during and after the export of its tool. Hosts
 * answer it with 503 and Retry-After. PostgreSQL does not use class PF (appendix A of its manual).
 */
export const FENCE_SQLSTATE = 'PF503';
/** Retry-After in seconds. */
export const FENCE_RETRY_AFTER_SECONDS = 5;
/** Schema of the fence function, so that a rollback leaves no trace in the schema of the tool. */
export const FENCE_FUNCTION = 'platform_fence';

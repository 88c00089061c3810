/**
 * Longest stop of a service after SIGTERM: its drain, its requests in progress and its database pool. A process that
 * takes longer is killed.
 */
export const STOP_SECONDS = 20;

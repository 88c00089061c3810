/** Detail of a gate that was not run again, because the same source has passed it before. */
export const KEPT_BUILD = 'kept from an earlier build of the same source';

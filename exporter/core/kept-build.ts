/** What a gate says that was passed by the very same source before, and not run again. */
export const KEPT_BUILD = 'kept from an earlier build of the same source';

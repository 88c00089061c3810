export type * from './api.ts';
export type * from './archive/archive-api.ts';
export type * from './live/live-api.ts';
export { createArchivePort } from './archive/archive-port.ts';
export { parseTableList, type TableName } from './plan/closure/names.ts';
export type { ExtractionRequest } from './plan/extraction.ts';
export { finding } from './plan/findings.ts';
export { statementsOf } from './plan/plan.ts';
export type { TargetFacts } from './plan/target.ts';
export { addChecksums } from './run/checksum.ts';
export { createDatabasePort } from './run/database-port.ts';
export { cleanUpFollow, type CleanedUp } from './live/follow/clean-up.ts';
export { KeptAfterSwitch } from './live/follow/after-switch.ts';
export { extractFollowing } from './live/follow/follow.ts';
export type { Followed, FollowPhase } from './live/follow/follow-run.ts';
export { readFollowNames, type FollowNames } from './live/follow/names.ts';
export { findFollower, prepareFollow } from './live/follow/prepare.ts';
export {
  dropFenceCommand,
  dropPublisherCommands,
  dropSubscriptionCommands,
} from './live/follow/undo-follow.ts';
export type { Lag } from './live/follow/until-switch.ts';
export { readLiveLimits, remedyOr } from './live/limits.ts';
export { readAdditions } from './live/way-back-guard.ts';
export { createLivePort } from './live/live-port.ts';
export { extractTables, RollbackFailed, prepareExtraction, type Extracted } from './run/extract-tables.ts';
export { fingerprintTables } from './run/fingerprint.ts';
export { readExtraction, type ReadExtraction } from './run/read-extraction.ts';
export { messageOf, openSession, rowsOf } from './run/session.ts';
export { readTarget, withDatabase } from './run/target.ts';

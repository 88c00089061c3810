import type { PartOfFacts } from '../../core/facts.ts';

/** What the backend step knows of the tool's code and of all that it reaches. */
export interface BackendFacts extends PartOfFacts {
  /** Text of every file of the service to be, by path below `apps/<id>-api/`. */
  readonly files: Readonly<Record<string, string>>;
  /** Those of `files` that are carried over: the tool's own, and repository code that it imports. */
  readonly carried: readonly string[];
  /** What an earlier export has left in `apps/<id>-api/`, to be replaced; `null` when nothing may be. */
  readonly before: Readonly<Record<string, string>> | null;
}

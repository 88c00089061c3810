import type { Finding } from '../../../contracts/plan.ts';
import type { SharedFacts } from '../../core/facts.ts';

/** The tool's backend, all code that it reaches, and the service that is generated around it. */
export interface GeneratedService {
  readonly findings: readonly Finding[];
  /** Text of every file of the service to be, by path below `apps/<id>-api/`. */
  readonly files: Readonly<Record<string, string>>;
  /** Those of `files` that are carried over: the tool's own, and repository code that it imports. */
  readonly carried: readonly string[];
  /** What an earlier export has left in `apps/<id>-api/`, to be replaced; `null` when nothing may be. */
  readonly before: Readonly<Record<string, string>> | null;
}

export interface BackendFacts extends SharedFacts {
  readonly backend: GeneratedService;
}

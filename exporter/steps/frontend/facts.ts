import type { Finding } from '../../../contracts/plan.ts';
import type { SharedFacts } from '../../core/facts.ts';

/** The tool's frontend, all code that it reaches, and the web app that is generated around it. */
export interface GeneratedWebApp {
  readonly findings: readonly Finding[];
  /** Text of every file of the web app to be, by path below `apps/<id>-web/`. */
  readonly files: Readonly<Record<string, string>>;
  /** Those of `files` that are carried over unchanged: the tool's own, and repository code that it imports. */
  readonly carried: readonly string[];
  /** Those of `files` that say where the service answers. */
  readonly addresses: readonly string[];
  /** What an earlier export has left in `apps/<id>-web/`, to be replaced; `null` when nothing may be. */
  readonly before: Readonly<Record<string, string>> | null;
}

export interface FrontendFacts extends SharedFacts {
  readonly frontend: GeneratedWebApp;
}

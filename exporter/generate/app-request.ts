import type { Manifest } from '../../contracts/manifest.ts';
import type { ToolNames } from '../../contracts/naming.ts';
import type { Runtime } from '../../contracts/plan.ts';
import type { FilesPort, FormattedTexts } from '../core/ports.ts';

/** What an app is generated from. */
export interface AppRequest {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly files: Pick<FilesPort, 'list' | 'readText' | 'ignored'>;
  readonly manifest: Manifest;
  readonly names: ToolNames;
  readonly servicePort: number;
  /** Full id of the exported commit. */
  readonly commit: string;
  /** Where the app will run; default: `local`. */
  readonly runtime?: Runtime;
  /** Merge manual edits of an earlier export's output instead of refusing. Default: refuse. */
  readonly keepEdits?: boolean;
  /** Texts that were formatted before; default: none. */
  readonly formatted?: FormattedTexts;
}

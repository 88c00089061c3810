import { flagList } from '../../contracts/command-line.ts';
import { COMMAND, FLAGS } from './flags.ts';

export const USAGE = `Usage: ${COMMAND} [folder] [flags]      (the same: npx yo platform:app [folder] [flags])

Makes a workspace of the platform in the folder (default: the current one) and installs its packages. Prompts for missing
answers on a terminal.

${flagList(FLAGS)}

Exit codes: 0 done; 2 usage, or answers missing; 3 refused, nothing written; 4 failed, nothing written;
5 written, but npm install failed.`;

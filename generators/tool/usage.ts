import { flagList } from '../../contracts/command-line.ts';
import { FLAGS } from './flags.ts';

export const USAGE = `Usage: npx create-tool [id] [flags]      (the same: npx yo platform:tool [id] [flags])

Scaffolds a tool in tools/<id>/ and registers it. Prompts for missing answers on a terminal.

${flagList(FLAGS)}

Exit codes: 0 done; 2 usage, or answers missing; 3 refused, nothing written; 4 failed, nothing written;
5 written, but not registered. Set PLATFORM_TOKEN for a platform that requires a token.`;

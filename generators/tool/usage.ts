import { flagList } from '../../contracts/command-line.ts';
import { FLAGS } from './flags.ts';

export const USAGE = `Usage: npx create-tool [id] [flags]      (the same: npx yo platform:tool [id] [flags])

Scaffolds a tool in tools/<id>/ and registers it. What is not given is asked for when there is a terminal.

${flagList(FLAGS)}

Exit codes: 0 done; 2 usage, or answers missing; 3 refused, nothing written; 4 failed, nothing written;
5 written, but the registry could not be told. A platform that asks for a token: PLATFORM_TOKEN.`;

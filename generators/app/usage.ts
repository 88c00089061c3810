import { helpText } from '../../contracts/command-help.ts';
import { COMMAND, FLAGS } from './flags.ts';

export const usage = (): string =>
  helpText({
    usage: `${COMMAND} [folder] [flags]      (the same: npx yo platform:app [folder] [flags])`,
    about:
      'Makes a workspace of the platform in the folder (default: the current one) and installs its packages. On a terminal it asks for missing answers; without one, it names them.',
    flags: FLAGS,
    examples: [
      { command: `${COMMAND} my-workspace`, text: 'asks for its name' },
      {
        command: `${COMMAND} my-workspace --yes --example`,
        text: 'asks nothing; with a first tool to look at',
      },
      { command: `${COMMAND} my-workspace --yes --dry-run`, text: 'shows the files and writes none' },
    ],
    notes: [
      'Exit codes: 0 done; 2 usage, or answers missing; 3 refused, nothing written; 4 failed, nothing written; 5 written, but npm install failed.',
    ],
  });

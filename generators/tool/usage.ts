import { helpText } from '../../contracts/command-help.ts';
import { FLAGS } from './flags.ts';

export const usage = (): string =>
  helpText({
    usage: 'npx create-tool [id] [flags]      (the same: npx yo platform:tool [id] [flags])',
    about:
      'Scaffolds a tool in tools/<id>/ and registers it. On a terminal it asks for missing answers; without one, it names them.',
    flags: FLAGS,
    examples: [
      { command: 'npx create-tool task-manager', text: 'asks for the rest' },
      { command: 'npx create-tool task-manager --yes', text: 'asks nothing' },
      {
        command: 'npx create-tool inventory --yes --resource=item:name:string:required,quantity:integer',
        text: 'keeps items, which have a name and a quantity',
      },
      { command: 'npx create-tool crm --yes --dry-run', text: 'shows the files and writes none' },
    ],
    notes: [
      'Exit codes: 0 done; 2 usage, or answers missing; 3 refused, nothing written; 4 failed, nothing written; 5 written, but not registered.',
      'Set PLATFORM_TOKEN for a platform that requires a token.',
    ],
  });

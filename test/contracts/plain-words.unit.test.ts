import { expect } from 'chai';
import { plainWords } from '../../contracts/plain-words.ts';

const CASES: readonly (readonly [message: string, plain: string])[] = [
  ['Roll it back first: npx gulp rollback --tool-id=invoices', 'Roll it back first.'],
  [
    'Commit or stash them, then run again; --allow-dirty checks only files that the export of invoices reads or writes.',
    'Commit or stash them, then run again, or choose to ignore uncommitted files that the export does not use.',
  ],
  ['Wait for it to end, or see it with: npx gulp status --tool-id=invoices', 'Wait for it to end.'],
  [
    'A job for "invoices" is running. See it with: npx gulp status --tool-id=invoices',
    'A job for "invoices" is running.',
  ],
  [
    'Docker is not running: connect ENOENT. Start it, or use --runtime=local.',
    'Docker is not running: connect ENOENT. Start it, or choose to run without Docker.',
  ],
  [
    'Job 7 (interrupted) has left 3 changes. Resume it with: npx gulp export --tool-id=invoices --resume — or roll it back with: npx gulp rollback --job-id=7',
    'Job 7 (interrupted) has left 3 changes. Roll it back.',
  ],
  ['Correct it, then run: npx gulp export --tool-id=invoices', 'Correct it.'],
  ['See the tools with: npx gulp status; make one with: npx create-tool invoices', ''],
  [
    'Rows would be lost:\n  public.lines: 2 added\nSync them back to the monolith: npx gulp rollback --job-id=7 --bring-back',
    'Rows would be lost:\n  public.lines: 2 added\nSync them back to the monolith.',
  ],
];

describe('messages for the reader of a page', () => {
  for (const [message, plain] of CASES)
    it(`say “${plain.split('\n')[0] ?? ''}” instead of naming a command or a flag (${message.slice(0, 30)}…)`, () => {
      expect(plainWords(message)).to.equal(plain);
    });

  it('leave the output of compilers and all other text unchanged', () => {
    const output =
      'npm error code E404\nerror TS5023: Unknown compiler option --strickt.\n  at npm run build';
    expect(plainWords(output)).to.equal(output);
    expect(plainWords('The service answers 503.')).to.equal('The service answers 503.');
  });
});

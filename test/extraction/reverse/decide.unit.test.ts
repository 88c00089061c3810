import { expect } from 'chai';
import { decide } from '../../../extraction/reverse/decide.ts';
import { shellQuote, sqlCommand } from '../../../exporter/core/shell-command.ts';
import { describeWritten, isLossless, refusalOf } from '../../../exporter/engine/writes-report.ts';

const holds = (digest: string) => ({ rows: 1, digest });
const [a, b, c] = [holds('a'), holds('b'), holds('c')];

describe('what becomes of a table', () => {
  it('follows from its three states', () => {
    expect(decide({ recorded: a, source: a, service: a })).to.equal('equal');
    expect(decide({ recorded: a, source: b, service: b }), 'synced already').to.equal('equal');
    expect(decide({ recorded: a, source: a, service: b })).to.equal('service-only');
    expect(decide({ recorded: a, source: b, service: a })).to.equal('source-only');
    expect(decide({ recorded: a, source: b, service: c })).to.equal('conflict');
  });

  it('is a conflict where the state at the switch is not known, unless there is no difference', () => {
    expect(decide({ recorded: null, source: a, service: b })).to.equal('conflict');
    expect(decide({ recorded: null, source: a, service: a })).to.equal('equal');
  });

  it('follows the number of rows as well as their digest', () => {
    const twice = { rows: 2, digest: 'a' };
    expect(decide({ recorded: a, source: a, service: twice })).to.equal('service-only');
  });
});

describe('the words for what a service has written', () => {
  const table = { name: 'public.items', added: 1200, changed: 1, removed: 0, examples: ['added (7)'] };
  const writes = { tables: [table], sequences: [], sourceOnly: [], conflicts: [] };

  it('name the table, the numbers and the first rows', () => {
    expect(describeWritten(table)).to.equal('public.items: 1,200 added, 1 changed; such as added (7), …');
  });

  it('name both ways on when a rollback is refused', () => {
    const { code, message } = refusalOf(writes, 'npx gulp rollback --job-id=J');
    expect(code).to.equal('service-has-writes');
    expect(message.split('\n').slice(-2)).to.deep.equal([
      'Sync them back to the monolith: npx gulp rollback --job-id=J --bring-back',
      'Discard them: npx gulp rollback --job-id=J --discard-writes',
    ]);
  });

  it('are not needed for sequences alone, nor for what changed in the source alone', () => {
    expect(isLossless(writes)).to.equal(false);
    expect(isLossless({ ...writes, tables: [], sequences: ['s'], sourceOnly: ['t'] })).to.equal(true);
    expect(isLossless({ ...writes, tables: [], conflicts: [{ object: 'x', message: 'x' }] })).to.equal(false);
  });
});

describe('a command for the shell', () => {
  it('holds any text as one argument', () => {
    expect(shellQuote(`it's "$HOME" \`x\`; rm -rf /`)).to.equal(`'it'\\''s "$HOME" \`x\`; rm -rf /'`);
    expect(sqlCommand(`DROP ROLE "a b"`, 'x y')).to.equal(
      `npx gulp db:sql --database='x y' --command='DROP ROLE "a b"'`,
    );
  });
});

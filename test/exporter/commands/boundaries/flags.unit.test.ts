import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { parseBoundariesFlags } from '../../../../exporter/commands/boundaries/boundaries-flags.ts';

const HERE = import.meta.dirname;

describe('the flags of gulp boundaries', () => {
  it('resolve folders against the working directory', () => {
    const options = parseBoundariesFlags(['boundaries', '--source=.', '--html=x.html', '--check'], HERE);
    expect(options).to.deep.equal({
      root: HERE,
      source: '.',
      html: `${HERE}/x.html`,
      modules: null,
      database: null,
      check: true,
      updateTodo: false,
      json: false,
    });
  });

  for (const [flags, message] of [
    [[], '--source=DIR is needed'],
    [['--source=nowhere'], '--source=nowhere is not a folder'],
    [['--source=flags.unit.test.ts'], 'is not a folder'],
    [['--source=.', '--modules=/etc/*'], 'must be relative to the source'],
    [['--source=.', '--modules=a/../../*'], 'must be relative to the source'],
    [['--source=.', '--database=mysql://h/d'], '--database must be a postgresql:// address'],
    [['--source=.', `--html=${tmpdir()}`], 'is a folder; name a file in it'],
    [['--source=.', '--html=none/x.html'], 'its folder does not exist'],
    [['--source=.', '--check', '--update-todo'], 'exclude each other'],
    [['--source=.', '--chek'], 'did you mean --check?'],
    [['--source=nowhere', '--html=none/x.html'], 'is not a folder; --html'],
  ] as const)
    it(`refuse ${flags.join(' ') || 'nothing at all'}`, () => {
      expect(() => parseBoundariesFlags(['boundaries', ...flags], HERE))
        .to.throw(message)
        .with.property('exitCode', 2);
    });

  it('do not repeat the address of a database, which can hold a password', () => {
    expect(() => parseBoundariesFlags(['--source=.', '--database=mysql://u:geheim@h/d'], HERE)).to.throw(
      /^(?!.*geheim)/s,
    );
  });
});

import { expect } from 'chai';
import { withLineEndsOf } from '../../generators/write/line-ends.ts';

describe('line ends of generated changes', () => {
  it('writes changes with the line ends of the file', () => {
    expect(withLineEndsOf('a\r\nb\r\n', 'a\nnew\nb\n')).to.equal('a\r\nnew\r\nb\r\n');
    expect(withLineEndsOf('a\nb\n', 'a\r\nnew\r\nb\r\n')).to.equal('a\nnew\nb\n');
    expect(withLineEndsOf('a\r\nb', 'a\nb')).to.equal('a\r\nb');
  });

  it('keeps the line end of every unchanged line in a file that mixes them', () => {
    const before = 'one\r\ntwo\nthree\r\nfour\r\n';
    expect(withLineEndsOf(before, 'one\ntwo\nnew\nthree\nlast\n')).to.equal(
      'one\r\ntwo\nnew\r\nthree\r\nlast\r\n',
    );
    expect(withLineEndsOf(before, 'one\ntwo\nthree\nfour\n')).to.equal(before);
  });

  it('gives a new file LF, or the line ends of a model', () => {
    expect(withLineEndsOf(null, 'a\nb\n')).to.equal('a\nb\n');
    expect(withLineEndsOf(null, 'a\nb\n', { model: '{\r\n}\r\n' })).to.equal('a\r\nb\r\n');
    expect(withLineEndsOf(null, 'a\n', { model: null })).to.equal('a\n');
  });
});

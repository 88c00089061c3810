import { expect } from 'chai';
import { findWords, UNCHECKED } from '../../../script/language/words.ts';

describe('the word list', () => {
  it('finds a listed word with its line and replacement', () => {
    expect(findWords('one\nHere Nobody waits\n')).to.deep.equal([
      { line: 2, word: 'Nobody', instead: 'the person, process or role that is meant' },
    ]);
  });

  it('finds every form of a listed phrase, also across lines of a comment', () => {
    const text =
      '/**\n * The export is taken\n * back, and rows come\n * home.\n */\n// it takes everything back\n';
    expect(findWords(text).map(({ line, word }) => `${line} ${word}`)).to.deep.equal([
      '2 taken back',
      '3 come home',
      '6 takes everything back',
    ]);
  });

  it('ignores longer words and the flag --bring-back', () => {
    expect(findWords('--bring-back, atHome, busybody, the homepage, a home, back to the row')).to.deep.equal(
      [],
    );
  });

  it('does not check the changelog and the word list itself', () => {
    for (const file of [
      'CHANGELOG.md',
      'script/language/words.ts',
      'test/script/language/words.unit.test.ts',
    ])
      expect(file).to.match(UNCHECKED);
    expect('script/check-language.ts').to.not.match(UNCHECKED);
  });
});

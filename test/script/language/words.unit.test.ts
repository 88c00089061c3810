import { expect } from 'chai';
import { findWords, UNCHECKED } from '../../../script/language/words.ts';

describe('the word list', () => {
  it('finds a word with its line and what to write instead', () => {
    expect(findWords('one\nHere Nobody waits\n')).to.deep.equal([
      { line: 2, word: 'Nobody', instead: 'the person, process or role that is meant' },
    ]);
  });

  it('finds every form of a phrase, also where a comment breaks it', () => {
    const text =
      '/**\n * The export is taken\n * back, and rows come\n * home.\n */\n// it takes everything back\n';
    expect(findWords(text).map(({ line, word }) => `${line} ${word}`)).to.deep.equal([
      '2 taken back',
      '3 come home',
      '6 takes everything back',
    ]);
  });

  it('leaves whole words alone that only contain one, and the flag --bring-back', () => {
    expect(findWords('--bring-back, atHome, busybody, the homepage, a home, back to the row')).to.deep.equal(
      [],
    );
  });

  it('is not applied to the history and to itself', () => {
    for (const file of [
      'CHANGELOG.md',
      'script/language/words.ts',
      'test/script/language/words.unit.test.ts',
    ])
      expect(file).to.match(UNCHECKED);
    expect('script/check-language.ts').to.not.match(UNCHECKED);
  });
});

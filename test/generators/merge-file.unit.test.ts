import { expect } from 'chai';
import { mergeFile, type Outcome } from '../../generators/update/merge-file.ts';

const BASE = 'one\ntwo\nthree\nfour\nfive\n';
const NEW = 'ONE\ntwo\nthree\nfour\nfive\n';
const EDITED = 'one\ntwo\nthree\nfour\nFIVE\n';

describe('three-way merge of a file', () => {
  const cells: [user: string, template: string, outcome: Outcome, text: string | null][] = [
    ['untouched', 'same', 'unchanged', BASE],
    ['untouched', 'changed', 'updated', NEW],
    ['untouched', 'deleted', 'removed', null],
    ['edited', 'same', 'unchanged', EDITED],
    ['edited', 'changed', 'merged', 'ONE\ntwo\nthree\nfour\nFIVE\n'],
    ['edited', 'deleted', 'kept', EDITED],
    ['deleted', 'same', 'unchanged', null],
    ['deleted', 'changed', 'kept', null],
    ['deleted', 'deleted', 'unchanged', null],
  ];
  for (const [user, template, outcome, text] of cells)
    it(`merges user ${user} and template ${template} to ${outcome}`, () => {
      const merged = mergeFile({
        base: BASE,
        user: { untouched: BASE, edited: EDITED, deleted: null }[user] ?? null,
        template: { same: BASE, changed: NEW, deleted: null }[template] ?? null,
      });
      expect(merged).to.deep.equal({ outcome, text });
    });

  it('adds a template as a new file, beside an equal file, and against a different file', () => {
    expect(mergeFile({ base: null, user: null, template: NEW })).to.deep.equal({
      outcome: 'added',
      text: NEW,
    });
    expect(mergeFile({ base: null, user: NEW, template: NEW })).to.deep.equal({
      outcome: 'unchanged',
      text: NEW,
    });
    const both = mergeFile({ base: null, user: 'mine\n', template: 'theirs\n' });
    expect(both.outcome).to.equal('conflict');
    expect(both.text).to.equal('<<<<<<< yours\nmine\n=======\ntheirs\n>>>>>>> template\n');
  });

  it('marks only lines changed on both sides, in the format of git', () => {
    const merged = mergeFile({
      base: BASE,
      user: BASE.replace('three', 'mine'),
      template: NEW.replace('three', 'theirs'),
    });
    expect(merged.outcome).to.equal('conflict');
    expect(merged.text).to.equal(
      'ONE\ntwo\n<<<<<<< yours\nmine\n=======\ntheirs\n>>>>>>> template\nfour\nfive\n',
    );
  });

  it('applies a change made on both sides once, and keeps a missing final newline', () => {
    expect(mergeFile({ base: BASE, user: NEW, template: NEW }).outcome).to.equal('unchanged');
    const merged = mergeFile({ base: BASE, user: EDITED.trimEnd(), template: NEW });
    expect(merged.text).to.equal('ONE\ntwo\nthree\nfour\nFIVE');
  });
});

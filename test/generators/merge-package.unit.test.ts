import { expect } from 'chai';
import { mergePackage } from '../../generators/update/merge-package.ts';

const text = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
const merge = (base: object, user: object, template: object) =>
  mergePackage({ base: text(base), user: text(user), template: text(template) });

describe('the merge of a package.json', () => {
  it('keeps scripts and packages of the team, and takes those of the template', () => {
    const merged = merge(
      { scripts: { start: 'a', test: 'b' }, dependencies: { express: '1', pg: '1' } },
      {
        private: true,
        scripts: { test: 'b', start: 'a', lint: 'c' },
        dependencies: { express: '1', lodash: '4', pg: '1' },
      },
      { scripts: { start: 'a2', test: 'b', dev: 'd' }, dependencies: { ajv: '8', express: '2', pg: '1' } },
    );
    expect(merged).to.deep.equal({
      outcome: 'merged',
      text: text({
        private: true,
        scripts: { test: 'b', start: 'a2', lint: 'c', dev: 'd' },
        dependencies: { ajv: '8', express: '2', lodash: '4', pg: '1' },
      }),
    });
  });

  it('takes the whole new text when the team has changed nothing', () => {
    expect(merge({ a: 1 }, { a: 1 }, { b: 2 })).to.deep.equal({ outcome: 'updated', text: text({ b: 2 }) });
  });

  it('removes what the template removes, unless the team has changed it', () => {
    const base = { scripts: { a: '1', b: '1' }, engines: { node: '>=20' } };
    const user = { scripts: { a: '1', b: 'ours' }, engines: { node: '>=20' }, x: 1 };
    expect(merge(base, user, { scripts: {} })).to.deep.equal({
      outcome: 'merged',
      text: text({ scripts: { b: 'ours' }, x: 1 }),
    });
  });

  it('leaves a package out that the team has removed, whatever its new version', () => {
    const user = { dependencies: { pg: '1' } };
    expect(
      merge({ dependencies: { pg: '1', yo: '1' } }, user, { dependencies: { pg: '1', yo: '2' } }),
    ).to.deep.equal({ outcome: 'unchanged', text: text(user) });
  });

  it('keeps and lists the value of the team where both changed one', () => {
    const user = { dependencies: { pg: '1.5' }, files: ['x'] };
    expect(
      merge({ dependencies: { pg: '1' }, files: [] }, user, { dependencies: { pg: '2' }, files: ['y'] }),
    ).to.deep.equal({
      outcome: 'conflict',
      text: text(user),
      kept: [
        { pointer: '/dependencies/pg', user: '1.5', template: '2' },
        { pointer: '/files', user: ['x'], template: ['y'] },
      ],
    });
  });

  it('keeps the indentation of the team, and the missing end of its last line', () => {
    const { text: merged } = mergePackage({
      base: text({ a: 1 }),
      user: '{\n\t"a": 1,\n\t"b": 2\n}',
      template: text({ a: 3 }),
    });
    expect(merged).to.equal('{\n\t"a": 3,\n\t"b": 2\n}');
  });

  it('marks the conflict of a file that is not JSON like git', () => {
    const { outcome, text: merged } = mergePackage({
      base: '{}\n',
      user: '{ oh\n',
      template: '{ "a": 1 }\n',
    });
    expect([outcome, merged]).to.deep.equal([
      'conflict',
      '<<<<<<< yours\n{ oh\n=======\n{ "a": 1 }\n>>>>>>> template\n',
    ]);
  });
});

import { expect } from 'chai';
import { parsePlainFields, PLAIN_EXAMPLE } from '../../generators/tool/plain-fields.ts';
import { answersOf, questionsFor } from '../../generators/tool/prompts.ts';

interface Question {
  readonly name: string;
  readonly default?: unknown;
  readonly validate: (value: string, typed?: object) => true | string;
}

describe('the questions of what a tool keeps', () => {
  const questions = (given: object): Question[] => questionsFor(given) as Question[];
  const question = (name: string): Question =>
    questions({ id: 'task-manager' }).find((one) => one.name === name) as Question;

  it('read fields in plain words', () => {
    expect(parsePlainFields(PLAIN_EXAMPLE)).to.deep.equal([
      { name: 'title', type: 'string', required: true },
      { name: 'notes', type: 'text' },
      { name: 'price', type: 'numeric' },
      { name: 'dueOn', type: 'date' },
      { name: 'done', type: 'boolean' },
    ]);
    expect(
      parsePlainFields('Serial Number (short text, unique, required) , seats(whole number)'),
    ).to.deep.equal([
      { name: 'serialNumber', type: 'string', required: true, unique: true },
      { name: 'seats', type: 'integer' },
    ]);
  });

  it('are asked only when no resource is given', () => {
    const names = (given: object): string[] => questions(given).map(({ name }) => name);
    const four = { id: 'crm', name: 'CRM', description: '', version: '1.0.0', status: 'beta' };
    expect(names(four)).to.deep.equal(['keeps', 'fields']);
    expect(names({ ...four, resources: [] })).to.deep.equal([]);
  });

  it('suggest the subject of the tool', () => {
    expect((question('keeps').default as (typed: object) => string)({})).to.equal('task');
  });

  it('refuse, while they are typed, words that make no resource', () => {
    expect(question('keeps').validate('order lines')).to.equal(true);
    expect(question('keeps').validate('')).to.be.a('string');
    for (const [typed, why] of [
      ['price (money)', '"money" in "price (money)" is not known'],
      ['title, title', 'names must be unique'],
      ['(date)', 'is no field'],
      ['id', 'every resource has id'],
      ['42nd', 'does not have the right form'],
    ] as const)
      expect(question('fields').validate(typed), typed).to.be.a('string').and.to.contain(why);
    expect(question('fields').validate(PLAIN_EXAMPLE)).to.equal(true);
  });

  it('become a resource of the answers', () => {
    expect(answersOf({ name: 'X', keeps: 'Order Lines', fields: 'sum (amount)' })).to.deep.equal({
      name: 'X',
      resources: [{ name: 'order-line', fields: [{ name: 'sum', type: 'numeric' }] }],
    });
    expect(answersOf({ name: 'X' })).to.deep.equal({ name: 'X' });
  });
});

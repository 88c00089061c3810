import { expect } from 'chai';
import type { PlatformError } from '../../contracts/errors.ts';
import { AnswersError } from '../../generators/answers-error.ts';
import { defaultResource, parseAnswers } from '../../generators/tool/answers.ts';
import { answersOrRefusal } from '../../generators/tool/ask.ts';
import { argumentsOf } from '../../generators/typed-arguments.ts';
import { parseCommandLine } from '../../generators/tool/flags.ts';
import { stemOf, tableOf } from '../../generators/tool/model.ts';
import { parseResource } from '../../generators/tool/resource-text.ts';

const BASE = { id: 'task-manager', name: 'Tasks', description: '', version: '1.0.0', status: 'beta' };
const problemsOf = (answers: object): string[] => {
  try {
    parseAnswers(answers);
  } catch (error) {
    if (error instanceof AnswersError) return error.problems.map((p) => `${p.pointer} ${p.message}`);
    throw error;
  }
  return [];
};

describe('generator answers', () => {
  it('derives the default resource from the tool id', () => {
    const about = {
      'task-manager': 'task',
      'inventory-tracker': 'inventory',
      crm: 'crm',
      'sales-orders': 'order',
    };
    for (const [id, resource] of Object.entries(about)) expect(defaultResource(id)).to.equal(resource);
    expect(stemOf('inventory-tracker')).to.equal('inventory');
    expect(stemOf('sales-order-board')).to.equal('sales-order');
  });

  it('parses the --resource text of the command line', () => {
    const text =
      'item:name:string,quantity:integer,price:numeric,dueOn:date,done:boolean,meta:json,ownerId:uuid:references=other';
    expect(parseResource(text)).to.deep.equal({
      name: 'item',
      fields: [
        { name: 'name', type: 'string' },
        { name: 'quantity', type: 'integer' },
        { name: 'price', type: 'numeric' },
        { name: 'dueOn', type: 'date' },
        { name: 'done', type: 'boolean' },
        { name: 'meta', type: 'json' },
        { name: 'ownerId', type: 'uuid', references: 'other' },
      ],
    });
    expect(() => parseResource('item:a:strin')).to.throw(/"strin".*string, text, integer/);
    expect(() => parseResource('item:a:string:requird')).to.throw(/"requird".*required, unique/);
  });

  it('lists every problem of the answers at once', () => {
    const problems = problemsOf({
      id: 'Bad Id',
      name: '',
      description: 'd',
      version: '1',
      status: 'new',
      extra: 1,
    });
    for (const pointer of ['/id', '/name', '/version', '/status', '/extra'])
      expect(
        problems.some((p) => p.startsWith(`${pointer} `)),
        pointer,
      ).to.equal(true);
  });

  it('refuses answers that cannot work, with the reason', () => {
    const withResources = (...texts: string[]): string[] =>
      problemsOf({ ...BASE, resources: texts.map(parseResource) });
    expect(problemsOf({ ...BASE, id: 'search' })[0]).to.contain('reserved');
    expect(withResources('a:x:uuid:references=b')[0]).to.contain('resource "b" does not exist');
    expect(withResources('a:xmin:string')[0]).to.contain('system column of PostgreSQL');
    expect(withResources('a:x:string:references=a')[0]).to.contain('must be uuid');
    expect(withResources('a:createdAt:date')[0]).to.contain('createdAt');
    expect(withResources('a:constructor:text')[0]).to.contain('constructor');
    expect(withResources('a:x:text,x:date')[0]).to.contain('"x" already exists');
    expect(withResources('task:a', 'tasks:b')[0]).to.contain('/tasks');
    expect(withResources('a:x:json:unique')[0]).to.contain('cannot be unique');
    expect(withResources('a:b:uuid:required:references=b', 'b:a:uuid:required:references=a')[0]).to.contain(
      'cycle',
    );
    expect(withResources('a:b:uuid:references=b', 'b:a:uuid:required:references=a')).to.deep.equal([]);
  });

  it('names every missing answer and its flag without a terminal', () => {
    try {
      answersOrRefusal({ id: 'x', owner: 'me' }, { suggest: false });
    } catch (error) {
      expect((error as PlatformError).exitCode).to.equal(2);
      for (const part of [
        'name (--name)',
        'description (--description)',
        'version (--tool-version)',
        'status (--status)',
      ])
        expect((error as PlatformError).message).to.contain(part);
      return;
    }
    throw new Error('accepted');
  });

  it('keeps table names unique within the 63 bytes of PostgreSQL', () => {
    const id = 'a'.repeat(50) as never;
    const names = ['b'.repeat(39), 'b'.repeat(40), 'c'].map((resource) => tableOf({ id }, resource));
    expect(new Set(names).size).to.equal(3);
    for (const name of names) expect(name.length).to.be.at.most(63);
  });
});

describe('the command line of the generator', () => {
  const read = (...args: string[]) => parseCommandLine(args, '/');

  it('keeps flag values exactly as typed', () => {
    expect(read('crm', '--name=007', '--tool-version', '1.10', '--yes', '--no-register').given).to.deep.equal(
      {
        id: 'crm',
        name: '007',
        version: '1.10',
      },
    );
    expect(read('crm').register).to.equal(true);
    expect(read('crm', '--no-register').register).to.equal(false);
  });

  it('suggests the nearest name for an unknown flag', () => {
    expect(() => read('crm', '--descripton=x')).to.throw(
      /--descripton is not known. Did you mean --description/,
    );
    expect(() => read('a', 'b')).to.throw(/One tool at a time/);
    expect(() => read('crm', '--answers=/nowhere.json')).to.throw(/--answers=\/nowhere.json/);
  });

  it('reads flags from the process under yo, which would turn 007 into 7', () => {
    const argv = ['node', '/x/.bin/yo', 'platform:tool', 'crm', '--name=007'];
    expect(argumentsOf({}, ['crm'], argv)).to.deep.equal(['crm', '--name=007']);
    expect(argumentsOf({ argv: ['a'] }, [], argv)).to.deep.equal(['a']);
  });
});

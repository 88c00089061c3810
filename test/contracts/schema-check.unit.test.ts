import { Ajv } from 'ajv';
import { expect } from 'chai';
import { manifestProblems } from '../../contracts/manifest.ts';
import { compileCheck, MOST_PROBLEMS } from '../../contracts/schema-check.ts';

const minimal = { id: 'crm', name: 'CRM', version: '1.0.0', status: 'beta', route: '/tools/crm' };

/** Almost as long as the longest body that an API accepts. */
const LONG = 250_000;

describe('the check of a schema', () => {
  it('refuses a list that is too long before it compares its items', () => {
    for (const item of [{}, 'crm:read', [[]]])
      expect(manifestProblems({ ...minimal, permissions: Array<unknown>(40_000).fill(item) })).to.deep.equal([
        { pointer: '/permissions', message: 'must NOT have more than 100 items' },
      ]);
  });

  it('refuses a text that is too long before a pattern runs over it', () => {
    const endless = `${'a'.repeat(LONG)}\n`; // a pattern that backtracks needs minutes for this text
    expect(manifestProblems({ ...minimal, name: endless })).to.deep.equal([
      { pointer: '/name', message: 'must NOT have more than 100 characters' },
    ]);
  });

  it('lists at most 100 problems, and counts the others', () => {
    const endpoint = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`field${i}`, i]));
    const problems = manifestProblems({ ...minimal, endpoints: Array<unknown>(200).fill(endpoint) });
    expect(problems).to.have.length(MOST_PROBLEMS + 1);
    expect(problems.at(-1)?.message).to.match(/^has \d+ more problems$/);
    const undeclared = {
      method: 'GET',
      path: '/',
      permissions: Array.from({ length: 90 }, (_, i) => `a:b${i}`),
    };
    expect(manifestProblems({ ...minimal, endpoints: [undeclared, undeclared] })).to.have.length(
      MOST_PROBLEMS,
    );
  });

  it('still finds every problem of a value within its bounds', () => {
    const check = compileCheck(
      {
        type: 'object',
        additionalProperties: false,
        properties: {
          ids: {
            type: 'array',
            uniqueItems: true,
            maxItems: 3,
            items: { $ref: 'word.json#/definitions/word' },
          },
          name: { $ref: 'word.json#/definitions/word' },
        },
      },
      {
        Ajv,
        schemas: [
          { $id: 'word.json', definitions: { word: { type: 'string', pattern: '^[a-z]+$', maxLength: 4 } } },
        ],
      },
    );
    expect(check({ ids: ['a', 'b'], name: 'abc' })).to.deep.equal([]);
    expect(check({ ids: ['a', 'a'], name: 'B', other: 1 }).map((problem) => problem.pointer)).to.have.members(
      ['/ids', '/name', '/other'],
    );
    expect(check({ ids: ['A'], name: 'abcde' })).to.deep.equal([
      { pointer: '/name', message: 'must NOT have more than 4 characters' },
    ]);
  });
});

import { expect } from 'chai';
import { KINDS } from '../../generators/add/kinds.ts';
import { readPlopLine } from '../../generators/add/plop-arguments.ts';
import { questionsFor } from '../../generators/add/plop-questions.ts';
import { findWorkspace } from '../../templating/roots.ts';

const SOURCE = findWorkspace(import.meta.dirname);

describe('the command line of plop', () => {
  const read = (line: string, interactive = false) => readPlopLine(line.split(' '), interactive);
  const problem = (line: string, interactive = false): string | null => {
    const result = read(line, interactive);
    return 'problem' in result ? result.problem : null;
  };

  it('accepts every argument style of plop', () => {
    for (const line of [
      'seed crm demo',
      'seed crm demo --dry-run',
      'seed --tool=crm --name=demo',
      'seed crm --name demo',
      'seed -- --tool crm --name demo',
      '--plopfile other.ts seed crm demo',
      '--help',
      '--version',
    ])
      expect(problem(line), line).to.equal(null);
    expect(problem('seed', true)).to.equal(null);
  });

  it('reads tool and name as words and as flags, in any order', () => {
    const answers = { tool: 'crm', name: 'demo', dryRun: false };
    for (const line of [
      'seed crm demo',
      'seed --tool crm --name demo',
      'seed --name demo --tool crm',
      'seed --name=demo crm',
      'seed demo --tool=crm',
      'seed -- --name demo --tool crm',
    ])
      expect(read(line), line).to.deep.equal(answers);
    expect(read('seed _ demo', true)).to.deep.equal({ ...answers, tool: undefined });
    expect(problem('seed crm --name')).to.contain('--name needs a value');
  });

  it('explains a kind with its flags and an example, and without one lists all kinds', () => {
    for (const line of ['seed --help', 'seed -h', 'help seed']) {
      const result = read(line);
      expect('help' in result ? result.help : '', line)
        .to.contain('npx plop seed <tool> <name>')
        .and.to.contain('--dry-run')
        .and.to.contain('an idempotent seed');
    }
    const all = read('help');
    for (const kind of KINDS) expect('help' in all ? all.help : '').to.contain(`  ${kind} `);
  });

  it('offers the tools of the workspace as a list, and asks for a missing name', () => {
    const questions = questionsFor('seed', { tool: undefined, name: undefined, dryRun: false }, SOURCE);
    expect(questions.map(({ name, type }) => [name, type])).to.deep.equal([
      ['tool', 'list'],
      ['name', 'input'],
    ]);
    expect(questions[0]?.choices).to.include('inventory-tracker');
    expect(questionsFor('seed', { tool: 'crm', name: 'demo', dryRun: false }, SOURCE)).to.deep.equal([]);
  });

  it('refuses an invalid plop command line and suggests a valid one', () => {
    expect(problem('seed crm demo --dryrun')).to.contain(
      '--dryrun is not a known flag. Did you mean --dry-run?',
    );
    expect(problem('seed -- --tol crm --name demo', true)).to.contain('Did you mean --tool?');
    expect(problem('controler crm x')).to.contain('Did you mean controller?');
    expect(problem('zzzzz crm x')).to.contain('The kinds are controller, service');
    expect(problem('seed crm one two')).to.contain('Only one addition at a time');
    expect(problem('seed crm')).to.contain('there is no terminal');
    expect(problem('--dry-run')).to.contain('there is no terminal');
  });
});

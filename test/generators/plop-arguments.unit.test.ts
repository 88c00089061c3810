import { expect } from 'chai';
import { plopProblem } from '../../generators/add/plop-arguments.ts';

describe('the command line of plop', () => {
  const problem = (line: string, interactive = false): string | null =>
    plopProblem(line.split(' '), interactive);

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

  it('refuses an invalid plop command line and suggests a valid one', () => {
    expect(problem('seed crm demo --dryrun')).to.contain(
      '--dryrun is not a known flag. Did you mean --dry-run?',
    );
    expect(problem('seed -- --tol crm --name demo', true)).to.contain('Did you mean --tool?');
    expect(problem('controler crm x')).to.contain('Did you mean controller?');
    expect(problem('seed crm one two')).to.contain('Only one addition at a time');
    expect(problem('seed crm')).to.contain('there is no terminal');
    expect(problem('--dry-run')).to.contain('there is no terminal');
  });
});

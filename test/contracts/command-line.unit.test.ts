import { expect } from 'chai';
import {
  flagList,
  parseFlags,
  parseProgramFlags,
  readArguments,
  unknownTask,
} from '../../contracts/command-line.ts';
import { PlatformError } from '../../contracts/errors.ts';

const FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'the tool' },
  'job-id': { type: 'job-id', value: 'ID', text: 'the job' },
  mode: { type: 'string', oneOf: ['fast', 'safe'], text: 'fast or safe' },
  port: { type: 'number', max: 65_535, text: 'the port' },
  scope: { type: 'string', multiple: true, text: 'first line\nsecond line' },
  'dry-run': { type: 'boolean', short: 'd', text: 'change nothing' },
} as const;
const parse = (...argv: readonly string[]) => parseFlags('task', ['task', ...argv], FLAGS);

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).to.be.instanceOf(PlatformError).with.property('exitCode', 2);
    return (error as PlatformError).message;
  }
  throw new Error('nothing was refused');
}

describe('the flags of a command', () => {
  it('types flag values by the table of flags', () => {
    const id = '0F0F0F0F-0000-4000-8000-000000000000';
    const values = parse(
      ...['--tool-id=crm', '--port', '3010', '--scope=a', '--scope=b', '-d', '--mode=safe', `--job-id=${id}`],
    );
    expect(values).to.deep.equal({
      'tool-id': 'crm',
      port: 3010,
      scope: ['a', 'b'],
      'dry-run': true,
      mode: 'safe',
      'job-id': id.toLowerCase(),
    });
  });

  it('takes a value that is also the name of a flag', () => {
    expect(parse('--tool-id', 'port', '--scope', 'mode')).to.deep.equal({
      'tool-id': 'port',
      scope: ['mode'],
    });
    expect(refusal(() => parse('--tool-id', '--port', '3010'))).to.contain('--tool-id needs a value');
  });

  it('reports every problem of a command line with the list of flags', () => {
    const message = refusal(() => parse('--port=0', '--mode=slow', '--job-id=1', '--dry-run=yes', 'word'));
    for (const part of [
      '--port=0 must be a whole number from 1 to 65535',
      '--mode=slow must be one of fast, safe',
      '--job-id=1 must be a UUID',
      '--dry-run takes no value',
      'unexpected argument "word"',
      '--tool-id=ID is needed',
      '\nFlags:\n  --tool-id=ID',
    ])
      expect(message).to.contain(part);
  });

  it('suggests a similar name for an unknown flag', () => {
    expect(refusal(() => parse('--tool-id=crm', '--dryrun'))).to.contain(
      'unknown flag --dryrun (did you mean --dry-run?)',
    );
    expect(refusal(() => parse('--tool-id=crm', '--completely-else'))).to.match(/--completely-else\.\n/);
    expect(refusal(() => parse('--tool-id=crm', '--constructor'))).to.contain('--constructor');
  });

  it('refuses a flag without its value, also when another flag follows', () => {
    for (const argv of [['--tool-id'], ['--tool-id='], ['--tool-id', '--dry-run'], ['--tool-id', '--silent']])
      expect(
        refusal(() => parse(...argv)),
        argv.join(' '),
      ).to.contain('--tool-id needs a value: the tool');
  });

  it('accepts flags of gulp for gulp tasks only', () => {
    expect(parse('--silent', '--gulpfile', 'x.ts', '-S', '--tool-id=crm')).to.deep.equal({
      'tool-id': 'crm',
    });
    expect(refusal(() => parseProgramFlags('npm run x --', ['--silent', '--tool-id=crm'], FLAGS))).to.contain(
      'npm run x --: unknown flag --silent',
    );
  });

  it('lists flags with placeholders, short names and indented texts', () => {
    const { scope, 'dry-run': dryRun } = FLAGS;
    expect(flagList({ scope: { ...scope, value: 'S' }, 'dry-run': dryRun })).to.equal(
      ['  --scope=S      first line', '                 second line', '  --dry-run, -d  change nothing'].join(
        '\n',
      ),
    );
  });

  it('separates flags from other words', () => {
    const { positionals, values } = readArguments(['crm', '-d', 'list'], { 'dry-run': FLAGS['dry-run'] });
    expect(positionals).to.deep.equal(['crm', 'list']);
    expect(values).to.deep.equal({ 'dry-run': true });
  });
});

describe('a task name', () => {
  it('suggests the nearest name for an unknown task', () => {
    const error = unknownTask(['rolback', '--tool-id=x'], ['export', 'rollback', 'status']);
    expect(error?.exitCode).to.equal(2);
    expect(error?.message).to.contain('"rollback"');
  });

  it('accepts known tasks with any flags', () => {
    expect(unknownTask(['extract', '--tables=a,b', '--source=postgresql://h/d'], ['extract'])).to.equal(null);
    expect(unknownTask(['--cwd', 'folder', 'extract'], ['extract'])).to.equal(null);
  });
});

import { expect } from 'chai';
import { asksForHelp, helpText } from '../../contracts/command-help.ts';
import { flagList, parseFlags, parseProgramFlags, readArguments } from '../../contracts/command-line.ts';
import { PlatformError } from '../../contracts/errors.ts';
import { gulpWords, unknownTask } from '../../contracts/gulp-line.ts';
import { nearestName } from '../../contracts/nearest-name.ts';
import { toolHint } from '../../contracts/tool-hint.ts';

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
      [
        '  --scope=S      first line (may be repeated)',
        '                 second line',
        '  --dry-run, -d  change nothing',
      ].join('\n'),
    );
  });

  it('lists allowed values, limits, defaults and required flags from their declaration', () => {
    const { mode, port } = FLAGS;
    const list = flagList({
      'tool-id': FLAGS['tool-id'],
      mode: { ...mode, default: 'safe' },
      port: { ...port, default: 'a free one' },
    });
    expect(list).to.equal(
      [
        '  --tool-id=ID      the tool (required)',
        '  --mode=fast|safe  fast or safe (default: safe)',
        '  --port=N          the port (1 to 65535; default: a free one)',
      ].join('\n'),
    );
  });

  it('wraps long texts of flags at the width of a terminal', () => {
    const text = 'word '.repeat(60).trim();
    const lines = flagList({ long: { type: 'boolean', text } }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).to.be.within(80, 100);
    expect(lines.slice(1)).to.satisfy((rest: string[]) => rest.every((line) => /^ {10}word/.test(line)));
  });

  it('composes a help of usage, description, flags, examples and notes, and leaves out what is empty', () => {
    const help = { usage: 'npx x [flags]', about: 'Does x.', flags: { mode: FLAGS.mode } };
    const examples = [{ command: 'npx x --mode=fast', text: 'quickly' }];
    expect(helpText({ ...help, examples, notes: ['Exit codes: 0 done.'] })).to.equal(
      [
        'Usage: npx x [flags]\n\nDoes x.\n\nFlags:\n  --mode=fast|safe  fast or safe\n',
        'Examples:\n  npx x --mode=fast\n      quickly\n\nExit codes: 0 done.',
      ].join('\n'),
    );
    expect(helpText({ usage: 'npx x', about: '', flags: {} })).to.equal('Usage: npx x');
  });

  it('finds a question for help anywhere on a command line', () => {
    for (const argv of [['--help'], ['export', '-h'], ['export', '--tool-id=crm', '--help']])
      expect(asksForHelp(argv), argv.join(' ')).to.equal(true);
    for (const argv of [[], ['help'], ['--helpful'], ['--text=--help']])
      expect(asksForHelp(argv), argv.join(' ')).to.equal(false);
  });

  it('reads every value from the next word as it reads it behind an equals sign', () => {
    const id = '0f0f0f0f-0000-4000-8000-000000000000';
    const given = { 'tool-id': 'crm', 'job-id': id, mode: 'safe', port: '3010', scope: 'a' };
    const joined = Object.entries(given).map(([flag, value]) => `--${flag}=${value}`);
    const apart = Object.entries(given).flatMap(([flag, value]) => [`--${flag}`, value]);
    expect(parse(...apart)).to.deep.equal(parse(...joined));
    for (const flag of Object.keys(given))
      expect(refusal(() => parse('--tool-id=crm', `--${flag}`))).to.contain(`--${flag} needs a value`);
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

  it('takes the word behind a flag for its value, as gulp does', () => {
    expect(gulpWords(['export', '--tool-id', 'zzz', '--dry-run', '-f', 'x.ts'])).to.deep.equal({
      tasks: ['export'],
      values: ['zzz'],
    });
    expect(gulpWords(['--silent', 'status', '--tool-id=crm', 'doctor']).tasks).to.deep.equal([
      'status',
      'doctor',
    ]);
    expect(unknownTask(['export', '--tool-id', 'zzz'], ['export'])).to.equal(null);
  });

  it('refuses a command line without a task, and moves a task before its flags', () => {
    expect(unknownTask([], ['export'])?.message).to.contain('A task is missing');
    expect(unknownTask([], ['export', 'default'])).to.equal(null);
    expect(unknownTask(['--dry-run', 'export', '--tool-id=crm'], ['export'])?.message).to.contain(
      'Run: npx gulp export --dry-run --tool-id=crm',
    );
  });

  it('accepts known tasks with any flags', () => {
    expect(unknownTask(['extract', '--tables=a,b', '--source=postgresql://h/d'], ['extract'])).to.equal(null);
    expect(unknownTask(['--cwd', 'folder', 'extract'], ['extract'])).to.equal(null);
  });
});

describe('a name that does not exist', () => {
  const TOOLS = ['crm', 'inventory-tracker', 'task-manager'];

  it('suggests a name that is near, also by its first words', () => {
    for (const [typed, meant] of [
      ['inventry', 'inventory-tracker'],
      ['inventory-traker', 'inventory-tracker'],
      ['inventory', 'inventory-tracker'],
      ['taskmanager', 'task-manager'],
      ['tsak-manager', 'task-manager'],
      ['cmr', 'crm'],
    ] as const)
      expect(nearestName(typed, TOOLS), typed).to.equal(meant);
  });

  it('suggests nothing that only shares its length', () => {
    for (const typed of ['zzz', 'abc', 'orders', 'billing-desk', 'in', ''])
      expect(nearestName(typed, TOOLS), typed).to.equal(null);
  });

  it('lists the tools that exist, or says how to list or create them', () => {
    expect(toolHint('crn', TOOLS)).to.equal('Did you mean crm?');
    expect(toolHint('zzz', TOOLS)).to.equal('The tools are crm, inventory-tracker, task-manager.');
    expect(toolHint('zzz', ['crm'])).to.equal('The only tool is crm.');
    expect(toolHint('zzz', [])).to.contain('npx create-tool');
    const many = Array.from({ length: 8 }, (_, i) => `tool-${i}`);
    expect(toolHint('zzz', many)).to.match(/tool-4 and 3 more: npx gulp status$/);
  });
});

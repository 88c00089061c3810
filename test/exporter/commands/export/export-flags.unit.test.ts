import { expect } from 'chai';
import { PlatformError } from '../../../../contracts/errors.ts';
import { EXPORT_FLAGS, parseExportCommand } from '../../../../exporter/commands/export/export-flags.ts';

function refusal(work: () => unknown): PlatformError {
  try {
    work();
  } catch (error) {
    expect(error).to.be.instanceOf(PlatformError);
    return error as PlatformError;
  }
  throw new Error('nothing was refused');
}

describe('the command line of an export', () => {
  it('parses the flags of an export beside those of gulp', () => {
    const command = parseExportCommand([
      'export',
      '--silent',
      '--tool-id=crm',
      '--dry-run',
      '--port=3010',
      '--json',
    ]);
    expect(command.request).to.include({
      toolId: 'crm',
      dryRun: true,
      port: 3010,
      runtime: 'auto',
      replicas: 1,
    });
    expect(command.json).to.equal(true);
  });

  it('parses a value after a blank', () => {
    expect(parseExportCommand(['export', '--tool-id', 'crm']).request.toolId).to.equal('crm');
  });

  it('refuses an unknown flag with the nearest name and exit code 2', () => {
    const error = refusal(() => parseExportCommand(['export', '--tool-id=crm', '--dryrun']));
    expect(error.exitCode).to.equal(2);
    expect(error.message).to.contain('--dryrun').and.to.contain('did you mean --dry-run?');
  });

  it('reports every problem of the export flags at once', () => {
    const { message } = refusal(() =>
      parseExportCommand(['export', '--tool-id=../x', '--port=0', '--runtime=vm', '--nope']),
    );
    for (const part of ['--tool-id', '--port=0', '--runtime=vm', '--nope']) expect(message).to.contain(part);
  });

  it('refuses reserved targets, replicas and times of another cut-over by name, with exit code 2', () => {
    const reserved = [
      ...['--target=kubernetes', '--target=swarm', '--target=external'],
      '--replicas=2 --runtime=local',
      ...['--max-pause=500', '--cutover-timeout=9', '--shadow=90s', '--shadow-ignore=/data'].map(
        (flag) => `${flag} --cutover=fenced`,
      ),
    ];
    for (const flags of reserved) {
      const error = refusal(() => parseExportCommand(['export', '--tool-id=crm', ...flags.split(' ')]));
      expect(error.exitCode, flags).to.equal(2);
      expect(error.message).to.contain('is not supported');
      for (const flag of flags.split(' '))
        expect(error.message).to.contain(flag.replace(/^(--(?:max|cut|sha)[a-z-]+)=.*/, '$1'));
    }
  });

  it('takes the times of a live cut-over without a word about the mode, as it may be live', () => {
    const { request } = parseExportCommand([
      ...['export', '--tool-id=crm', '--max-pause=250', '--cutover-timeout=30', '--shadow=90s'],
    ]);
    expect(request).to.deep.include({
      cutover: 'auto',
      maxPauseMs: 250,
      cutoverTimeoutMs: 30_000,
      shadow: { ms: 90_000, ignored: [] },
    });
  });

  it('reads for how long answers are compared, and what is left out', () => {
    const shadowOf = (...flags: string[]): unknown =>
      parseExportCommand(['export', '--tool-id=crm', '--cutover=live', ...flags]).request.shadow;
    expect(shadowOf()).to.equal(null);
    expect(shadowOf('--shadow=90s')).to.deep.equal({ ms: 90_000, ignored: [] });
    expect(shadowOf('--shadow=2h', '--shadow-ignore=/data/*/updatedAt', '--shadow-ignore=/at')).to.deep.equal(
      {
        ms: 7_200_000,
        ignored: ['/data/*/updatedAt', '/at'],
      },
    );
    for (const flags of [
      '--shadow=90',
      '--shadow=0s',
      '--shadow=99d',
      '--shadow=999h',
      '--shadow-ignore=/data',
    ])
      expect(refusal(() => shadowOf(flags)).exitCode, flags).to.equal(2);
    const { message } = refusal(() => shadowOf('--shadow=5m', '--shadow-ignore=data'));
    expect(message).to.contain('data is no JSON pointer');
  });

  it('offers no reserved value, neither in help texts nor in refusals', () => {
    const help = Object.values(EXPORT_FLAGS).map(({ text }) => text);
    const { message } = refusal(() => parseExportCommand(['export', '--tool-id=x', '--target=nomad']));
    expect(message).to.contain('--target=nomad must be compose');
    expect([...help, message].join(' ')).not.to.match(/kubernetes|swarm|external/);
  });
});

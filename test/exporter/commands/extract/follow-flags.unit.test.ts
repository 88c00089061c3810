import { expect } from 'chai';
import { parseExtractArguments } from '../../../../exporter/commands/extract/extract-arguments.ts';
import { lagLine } from '../../../../exporter/commands/extract/lag-line.ts';

const URLS = ['--source=postgresql://a.example/shop', '--target=postgresql://b.example/shop'];

describe('the flags of gulp extract --follow', () => {
  it('have defaults: a pause of a second, ten minutes of attempts, and the addresses of both sides', () => {
    const { follow } = parseExtractArguments([...URLS, '--tables=a', '--follow']);
    expect(follow).to.deep.equal({
      switchAtOnce: false,
      reverse: false,
      maxPauseMs: 1_000,
      timeoutMs: 600_000,
      sourceFromTarget: 'postgresql://a.example/shop',
      targetFromSource: 'postgresql://b.example/shop',
    });
  });

  for (const flag of ['--switch', '--reverse', '--max-pause=5', '--source-from-target=postgresql://c/d'])
    it(`refuses ${flag} without --follow`, () => {
      expect(() => parseExtractArguments([...URLS, '--tables=a', flag])).to.throw(
        `${flag.split('=')[0]!} needs --follow`,
      );
    });

  it('refuse --clean-up beside --follow', () => {
    expect(() => parseExtractArguments([...URLS, '--tables=a', '--follow', '--clean-up'])).to.throw(
      '--clean-up takes',
    );
    expect(parseExtractArguments([...URLS, '--tables=a', '--clean-up'])).to.include({
      cleanUp: true,
      follow: null,
    });
  });

  it('refuse an address of the other side that is none', () => {
    expect(() =>
      parseExtractArguments([...URLS, '--tables=a', '--follow', '--target-from-source=b.example']),
    ).to.throw('--target-from-source must be a postgresql:// address');
  });
});

describe('the line of the lag', () => {
  it('shows bytes and seconds, and what keeps them from becoming smaller', () => {
    expect(lagLine({ bytes: 1_600_000, seconds: 0.42, running: true, errors: 0 })).to.equal(
      'lag: 1.5 MiB, 0.4 s',
    );
    expect(lagLine({ bytes: 2_048, seconds: 21, running: false, errors: 3 })).to.equal(
      "lag: 2,048 bytes, 21.0 s; the target's worker is not connected; 3 changes could not be applied, see the log of the target's PostgreSQL",
    );
  });
});

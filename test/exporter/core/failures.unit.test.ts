import { expect } from 'chai';
import { PlatformError } from '../../../contracts/errors.ts';
import { toPlatformError } from '../../../exporter/core/failures.ts';

const thrown = (code: string, message: string): Error => Object.assign(new Error(message), { code });

describe('what is thrown while an export runs', () => {
  it('says what to do where the system says only a word', () => {
    const full = toPlatformError(
      thrown('ENOSPC', "ENOSPC: no space left on device, write '/srv/apps/crm-api'"),
    );
    expect(full.code).to.equal('step-failed');
    expect(full.message).to.contain("'/srv/apps/crm-api'").and.to.contain('The disk is full');
    expect(toPlatformError(thrown('EROFS', "EROFS: read-only file system, open 'x'")).message).to.contain(
      'Mount it writable',
    );
    expect(toPlatformError(thrown('53100', 'could not extend file')).message).to.contain(
      'disk of PostgreSQL',
    );
  });

  it('says it once, in the first line, when the error of the system was wrapped', () => {
    const cause = thrown('53100', 'could not extend file');
    const wrapped = new PlatformError('step-failed', 'INDEX a: could not extend file\nCREATE INDEX a', {
      cause,
    });
    const said = toPlatformError(toPlatformError(wrapped));
    expect(said.message).to.match(
      /^INDEX a: could not extend file\. The disk of PostgreSQL is full\. .*\nCREATE INDEX a$/,
    );
    expect(said.cause).to.equal(cause);
  });

  it('is left as it is when it is an error of ours, or a word we do not know', () => {
    const ours = new PlatformError('health-failed', 'The service is ill.');
    expect(toPlatformError(ours)).to.equal(ours);
    expect(toPlatformError(thrown('EIO', 'EIO: i/o error')).message).to.equal('EIO: i/o error');
    expect(toPlatformError('a text').message).to.equal('a text');
    expect(toPlatformError(null).message).to.equal('null');
  });
});

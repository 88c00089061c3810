import { expect } from 'chai';
import { PlatformError } from '../../../contracts/errors.ts';
import { toPlatformError } from '../../../exporter/core/failures.ts';

const thrown = (code: string, message: string): Error => Object.assign(new Error(message), { code });

describe('errors during an export', () => {
  it('adds a remedy to system errors', () => {
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

  it('adds the remedy once, in the first line, to a wrapped system error', () => {
    const cause = thrown('53100', 'could not extend file');
    const wrapped = new PlatformError('step-failed', 'INDEX a: could not extend file\nCREATE INDEX a', {
      cause,
    });
    const converted = toPlatformError(toPlatformError(wrapped));
    expect(converted.message).to.match(
      /^INDEX a: could not extend file\. The disk of PostgreSQL is full\. .*\nCREATE INDEX a$/,
    );
    expect(converted.cause).to.equal(cause);
  });

  it('keeps platform errors and unknown system errors unchanged', () => {
    const known = new PlatformError('health-failed', 'The service is ill.');
    expect(toPlatformError(known)).to.equal(known);
    expect(toPlatformError(thrown('EIO', 'EIO: i/o error')).message).to.equal('EIO: i/o error');
    expect(toPlatformError('a text').message).to.equal('a text');
    expect(toPlatformError(null).message).to.equal('null');
  });
});

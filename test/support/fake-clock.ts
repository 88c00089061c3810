import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { SinonFakeTimers, SinonStatic } from 'sinon';

// The ESM build of sinon is the one for browsers and leaves node:timers/promises alone
const sinon = createRequire(import.meta.url)('sinon') as SinonStatic;

/**
 * Timers and the monotonic clock under control of the test, `node:timers/promises` included. Call `restore` afterwards.
 * `Date` stays real: pg and certificates read it.
 */
export function fakeClock(): SinonFakeTimers {
  const clock = sinon.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
  syncBuiltinESMExports(); // modules that import `setTimeout` by name see the fake one
  const restore = clock.restore.bind(clock);
  clock.restore = () => {
    restore();
    syncBuiltinESMExports();
  };
  return clock;
}

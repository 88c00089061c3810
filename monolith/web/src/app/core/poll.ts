import { DestroyRef, inject } from '@angular/core';

/**
 * Calls `work` every `ms` while the page is visible, and at once when it becomes visible again.
 * Ends with the component that asked for it.
 */
export function whileVisible(ms: number, work: () => void): void {
  const tick = (): void => {
    if (document.visibilityState === 'visible') work();
  };
  const timer = setInterval(tick, ms);
  document.addEventListener('visibilitychange', tick);
  inject(DestroyRef).onDestroy(() => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
  });
}

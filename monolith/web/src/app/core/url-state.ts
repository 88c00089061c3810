import { inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, type ParamMap } from '@angular/router';
import type { Signal } from '@angular/core';

type Change = Readonly<Record<string, string | number | null>>;

/** The page's state as it stands in the address: links, reloads and the back button keep it. */
export interface UrlState {
  readonly params: Signal<ParamMap>;
  /** Changes some parameters; `null` takes one away. `replace` leaves no entry in the history. */
  set(change: Change, options?: { readonly replace?: boolean }): void;
}

/** Call it where a component is made. */
export function urlState(): UrlState {
  const router = inject(Router);
  const route = inject(ActivatedRoute);
  return {
    params: toSignal(route.queryParamMap, { requireSync: true }),
    set: (queryParams, { replace = false } = {}) => {
      void router.navigate([], {
        relativeTo: route,
        queryParams,
        queryParamsHandling: 'merge',
        replaceUrl: replace,
      });
    },
  };
}

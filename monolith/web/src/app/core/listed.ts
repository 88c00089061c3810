import type { HttpResourceRef } from '@angular/common/http';
import { computed, type Signal } from '@angular/core';
import type { Page } from '#contracts/tool';
import { lastValue } from './last-value';
import { whileVisible } from './poll';
import { problemOf, type Problem } from './problem';

/** A list as its page shows it. */
export interface Listed<T> {
  /** The newest answer; kept while the next is loading or fails. */
  readonly page: Signal<Page<T> | undefined>;
  readonly pageCount: Signal<number>;
  /** Why the latest request failed. */
  readonly problem: Signal<Problem | null>;
}

/** Keeps a list fresh while its page is visible. Call it in an injection context. */
export function listed<T>(
  answer: HttpResourceRef<Page<T> | undefined>,
  { pageSize, refreshMs }: { readonly pageSize: number; readonly refreshMs: number },
): Listed<T> {
  const page = lastValue(answer);
  whileVisible(refreshMs, () => {
    if (!answer.isLoading()) answer.reload();
  });
  return {
    page,
    pageCount: computed(() => Math.max(1, Math.ceil((page()?.total ?? 0) / pageSize))),
    problem: computed(() => {
      const error = answer.error();
      return error === undefined ? null : problemOf(error);
    }),
  };
}

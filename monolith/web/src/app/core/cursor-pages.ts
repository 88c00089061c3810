import { computed, type Signal } from '@angular/core';
import type { ParamMap } from '@angular/router';
import type { UrlState } from './url-state';

/**
 * Pages of a list that is read by cursor. The address holds the page's number and the cursors that led there, so
 * that going back works after a reload, too.
 */
export interface CursorPages {
  readonly cursor: Signal<string | undefined>;
  /** 1 for the first. */
  readonly number: Signal<number>;
  next(cursor: string): void;
  previous(): void;
}

const SEPARATOR = '~';

export function cursorPages(url: UrlState): CursorPages {
  const trail = computed(() => trailOf(url.params()));
  const go = (cursors: readonly string[]): void =>
    url.set({ after: cursors.length === 0 ? null : cursors.join(SEPARATOR) });
  return {
    cursor: computed(() => trail().at(-1)),
    number: computed(() => trail().length + 1),
    next: (cursor) => go([...trail(), cursor]),
    previous: () => go(trail().slice(0, -1)),
  };
}

function trailOf(params: ParamMap): readonly string[] {
  return (params.get('after') ?? '').split(SEPARATOR).filter((cursor) => cursor !== '');
}

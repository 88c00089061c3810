import { DecimalPipe } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component, computed, inject } from '@angular/core';
import { MatAnchor, MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { RouterLink, type ParamMap } from '@angular/router';
import type { Page, RegistryTool } from '#contracts/tool';
import { cursorPages } from '../core/cursor-pages';
import { listed } from '../core/listed';
import { Session } from '../core/session';
import { toolRuns } from '../core/tool-runs';
import { urlState } from '../core/url-state';
import { ChoiceComponent, optionOf, type Option } from '../ui/choice.component';
import { PagerComponent } from '../ui/pager.component';
import { SearchFieldComponent } from '../ui/search-field.component';
import { ToolCardComponent } from './tool-card.component';

const PAGE_SIZE = 24;
/** Soon enough for a tool that was registered from a terminal to seem to appear by itself. */
const REFRESH_MS = 5000;

const STATUSES = ['alpha', 'beta', 'active', 'deprecated'] as const;
const PLACES = { monolith: 'false', exported: 'true' } as const;
const SORTS = {
  name: 'Name',
  '-updatedAt': 'Last changed',
  '-createdAt': 'Newest',
  status: 'Status',
} as const;

/** All tools as cards, with search, filters and sort; what is chosen stands in the address. */
@Component({
  selector: 'app-tools-page',
  imports: [
    ChoiceComponent,
    DecimalPipe,
    RouterLink,
    MatAnchor,
    MatButton,
    MatIcon,
    PagerComponent,
    SearchFieldComponent,
    ToolCardComponent,
  ],
  templateUrl: './tools.page.html',
  styleUrl: './tools.page.scss',
})
export class ToolsPage {
  protected readonly url = urlState();
  protected readonly pages = cursorPages(this.url);
  protected readonly session = inject(Session);

  protected readonly statuses: readonly Option[] = [{ value: '', title: 'All' }, ...STATUSES.map(optionOf)];
  protected readonly places: readonly Option[] = [
    { value: '', title: 'Anywhere' },
    { value: 'monolith', title: 'In the monolith' },
    { value: 'exported', title: 'Exported' },
  ];
  protected readonly sorts = Object.entries(SORTS).map(([value, title]): Option => ({ value, title }));
  protected readonly skeletons = Array.from({ length: 8 }, (_, i) => i);

  protected readonly filter = computed(() => filterOf(this.url.params()));
  protected readonly tools = httpResource<Page<RegistryTool>>(() => {
    const { q, status, place, sort } = this.filter();
    const cursor = this.pages.cursor();
    return {
      url: '/api/tools',
      params: {
        limit: PAGE_SIZE,
        sort,
        ...(q === '' ? {} : { q }),
        ...(status === '' ? {} : { status }),
        ...(place === '' ? {} : { exported: PLACES[place] }),
        ...(cursor === undefined ? {} : { cursor }),
      },
    };
  });
  protected readonly runOf = toolRuns(REFRESH_MS);
  protected readonly list = listed(this.tools, { pageSize: PAGE_SIZE, refreshMs: REFRESH_MS });
  protected readonly filtered = computed(() => {
    const { q, status, place } = this.filter();
    return q !== '' || status !== '' || place !== '';
  });

  protected search(q: string): void {
    this.url.set({ q: q || null, after: null }, { replace: true });
  }

  protected choose(name: string, value: string): void {
    this.url.set({
      [name]: value === '' || (name === 'sort' && value === 'name') ? null : value,
      after: null,
    });
  }

  protected showAll(): void {
    this.url.set({ q: null, status: null, place: null, after: null });
  }
}

interface Filter {
  readonly q: string;
  readonly status: string;
  readonly place: '' | keyof typeof PLACES;
  readonly sort: string;
}

/** Reads the address; what makes no sense there counts as not said. */
function filterOf(params: ParamMap): Filter {
  const place = params.get('place');
  const sort = params.get('sort') ?? '';
  return {
    q: (params.get('q') ?? '').slice(0, 200),
    status: STATUSES.find((status) => status === params.get('status')) ?? '',
    place: place === 'monolith' || place === 'exported' ? place : '',
    sort: sort in SORTS ? sort : 'name',
  };
}

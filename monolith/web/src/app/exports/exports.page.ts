import { DatePipe, DecimalPipe } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component, computed } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import type { Job, JobOutcome, JobStatus } from '#contracts/job';
import { plainWords } from '#contracts/plain-words';
import type { Page } from '#contracts/tool';
import { cursorPages } from '../core/cursor-pages';
import { listed } from '../core/listed';
import { urlState } from '../core/url-state';
import { ChoiceComponent, type Option } from '../ui/choice.component';
import { JobChipComponent } from '../ui/job-chip.component';
import { PagerComponent } from '../ui/pager.component';
import { SearchFieldComponent } from '../ui/search-field.component';
import { AgoPipe, DurationPipe } from '../ui/time';
import { workedMs } from './worked';

const PAGE_SIZE = 25;
const REFRESH_MS = 4000;

interface Result extends Option {
  readonly query: { readonly status?: JobStatus; readonly outcome?: JobOutcome };
}

/** Exports by how they ended: one that failed is found as failed, although it was rolled back. */
const RESULTS: readonly Result[] = [
  { value: 'pending', title: 'Waiting', query: { status: 'pending' } },
  { value: 'in_progress', title: 'In progress', query: { status: 'in_progress' } },
  { value: 'completed', title: 'Completed', query: { status: 'completed' } },
  { value: 'failed', title: 'Failed', query: { outcome: 'failed' } },
  { value: 'cancelled', title: 'Cancelled', query: { outcome: 'cancelled' } },
  { value: 'interrupted', title: 'Interrupted', query: { outcome: 'interrupted' } },
  { value: 'rolled_back', title: 'Rolled back', query: { status: 'rolled_back', outcome: 'completed' } },
  { value: 'rollback_failed', title: 'Rollback incomplete', query: { status: 'rollback_failed' } },
  {
    value: 'rollback_interrupted',
    title: 'Rollback interrupted',
    query: { status: 'interrupted', outcome: 'completed' },
  },
];

/** Every export that was ever started, newest first, with search and a filter by result. */
@Component({
  selector: 'app-exports-page',
  imports: [
    AgoPipe,
    ChoiceComponent,
    DatePipe,
    DecimalPipe,
    DurationPipe,
    RouterLink,
    MatButton,
    JobChipComponent,
    PagerComponent,
    SearchFieldComponent,
  ],
  templateUrl: './exports.page.html',
  styleUrl: './exports.page.scss',
})
export class ExportsPage {
  protected readonly url = urlState();
  protected readonly pages = cursorPages(this.url);
  protected readonly results: readonly Option[] = [{ value: '', title: 'All' }, ...RESULTS];
  protected readonly plain = plainWords;
  protected readonly skeletons = [1, 2, 3, 4, 5, 6];

  protected readonly q = computed(() => (this.url.params().get('q') ?? '').slice(0, 200));
  protected readonly result = computed(
    () => RESULTS.find(({ value }) => value === this.url.params().get('status')) ?? null,
  );
  protected readonly toolId = computed(() => this.url.params().get('tool') ?? '');
  protected readonly filtered = computed(
    () => this.q() !== '' || this.result() !== null || this.toolId() !== '',
  );

  protected readonly jobs = httpResource<Page<Job>>(() => {
    const cursor = this.pages.cursor();
    return {
      url: '/api/tools/export/jobs',
      params: {
        limit: PAGE_SIZE,
        ...(this.q() === '' ? {} : { q: this.q() }),
        ...this.result()?.query,
        ...(this.toolId() === '' ? {} : { toolId: this.toolId() }),
        ...(cursor === undefined ? {} : { cursor }),
      },
    };
  });
  protected readonly list = listed(this.jobs, { pageSize: PAGE_SIZE, refreshMs: REFRESH_MS });

  protected search(q: string): void {
    this.url.set({ q: q || null, after: null }, { replace: true });
  }

  protected took(job: Job): number | null {
    return workedMs(job, Date.now());
  }

  protected showAll(): void {
    this.url.set({ q: null, status: null, tool: null, after: null });
  }
}

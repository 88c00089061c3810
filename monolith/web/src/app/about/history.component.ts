import { DatePipe } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component, computed, input, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { isAtWork, type Job } from '#contracts/job';
import { jobWords } from '#contracts/job-words';
import type { Page, RegistryTool } from '#contracts/tool';
import { lastValue } from '../core/last-value';
import { AgoPipe } from '../ui/time';
import { changedFields } from './changed-fields';

interface HistoryEntry {
  readonly id: string;
  readonly action: string;
  readonly actor: string;
  readonly at: string;
  readonly before: RegistryTool | null;
  readonly after: RegistryTool | null;
}

const WORDS: Readonly<Record<string, string>> = {
  registered: 'Registered',
  updated: 'Changed',
  exported: 'Exported',
  returned: 'Returned to the monolith',
  removed: 'Removed',
};
const STEP = 10;

interface ShownEntry {
  readonly id: string;
  readonly words: string;
  readonly actor: string;
  readonly at: string;
  readonly fields: ReturnType<typeof changedFields>;
  /** Of an export that has changed nothing: it failed, or was cancelled. */
  readonly job: Job | null;
}

/** An export that has completed, and its rollback, are changes of the tool; all others have no entry of their own. */
const isOwnEntry = (job: Job): boolean =>
  !isAtWork(job) && !job.options.dryRun && job.outcome !== 'completed';

const entryOf = (job: Job): ShownEntry => ({
  id: job.id,
  words: jobWords(job),
  actor: job.actor,
  at: job.completedAt ?? job.createdAt,
  fields: [],
  job,
});

/**
 * Both lists as one, newest first. The changes keep the order in which they were made, because clocks may be set back.
 * @param complete whether there are no older changes; else exports that are older than all shown changes are left out
 */
function inOrder(
  changes: readonly ShownEntry[],
  jobs: readonly ShownEntry[],
  { complete }: { readonly complete: boolean },
): readonly ShownEntry[] {
  const merged: ShownEntry[] = [];
  const left = [...jobs];
  for (const change of changes) {
    while (left[0] !== undefined && left[0].at > change.at) merged.push(...left.splice(0, 1));
    merged.push(change);
  }
  return complete ? [...merged, ...left] : merged;
}

/** Who changed a tool, when, and what was there before. */
@Component({
  selector: 'app-history',
  imports: [AgoPipe, DatePipe, MatButton, RouterLink],
  template: `
    <section class="s-panel">
      <h2>History</h2>
      @if (page(); as page) {
        <ol>
          @for (entry of entries(); track entry.id) {
            <li>
              <strong>
                @if (entry.job; as job) {
                  Export: <a [routerLink]="['/exports', job.id]">{{ entry.words }}</a>
                } @else {
                  {{ entry.words }}
                }
              </strong>
              <span class="quiet">
                {{ entry.job ? 'started by' : 'by' }} {{ entry.actor }},
                <time [attr.datetime]="entry.at" [title]="entry.at | date: 'medium'">{{
                  entry.at | ago
                }}</time>
              </span>
              @if (entry.fields.length > 0) {
                <details>
                  <summary>
                    {{ entry.fields.length === 1 ? 'One field' : entry.fields.length + ' fields' }}
                  </summary>
                  @for (field of entry.fields; track field.name) {
                    <div class="field">
                      <span>{{ field.name }}</span>
                      <del>{{ field.before }}</del>
                      <ins>{{ field.after }}</ins>
                    </div>
                  }
                </details>
              }
            </li>
          }
        </ol>
        @if (page.nextCursor !== null) {
          <button matButton type="button" (click)="limit.set(limit() + 20)">Show older</button>
        }
      } @else if (history.error()) {
        <p role="alert">The history could not be loaded.</p>
      } @else {
        <div class="s-skeleton" style="height: 80px; margin-top: 12px"></div>
      }
    </section>
  `,
  styleUrl: './history.component.scss',
})
export class HistoryComponent {
  readonly toolId = input.required<string>();
  /** Changes when the tool does, so that the history is read again. */
  readonly revision = input.required<string>();

  protected readonly limit = signal(STEP);
  protected readonly history = httpResource<Page<HistoryEntry>>(() => {
    this.revision();
    return {
      url: `/api/tools/${encodeURIComponent(this.toolId())}/history`,
      params: { limit: this.limit() },
    };
  });
  protected readonly page = lastValue(this.history);
  private readonly jobs = httpResource<Page<Job>>(() => {
    this.revision();
    return { url: '/api/tools/export/jobs', params: { toolId: this.toolId(), limit: this.limit() } };
  });
  private readonly jobsPage = lastValue(this.jobs);
  protected readonly entries = computed<readonly ShownEntry[]>(() => {
    const page = this.page();
    const changes = (page?.data ?? []).map((entry) => ({
      ...entry,
      words: WORDS[entry.action] ?? entry.action,
      fields: changedFields(entry.before, entry.after),
      job: null,
    }));
    return inOrder(changes, (this.jobsPage()?.data ?? []).filter(isOwnEntry).map(entryOf), {
      complete: page?.nextCursor === null,
    });
  });
}

import { DatePipe } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component, computed, input, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
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

/** Who changed a tool, when, and what was there before. */
@Component({
  selector: 'app-history',
  imports: [AgoPipe, DatePipe, MatButton],
  template: `
    <section class="s-panel">
      <h2>History</h2>
      @if (page(); as page) {
        <ol>
          @for (entry of entries(); track entry.id) {
            <li>
              <strong>{{ entry.words }}</strong>
              <span class="quiet">
                by {{ entry.actor }},
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
  protected readonly entries = computed(() =>
    (this.page()?.data ?? []).map((entry) => ({
      ...entry,
      words: WORDS[entry.action] ?? entry.action,
      fields: changedFields(entry.before, entry.after),
    })),
  );
}

import { DecimalPipe } from '@angular/common';
import { Component, computed, inject, signal } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { MatButton } from '@angular/material/button';
import {
  MAT_DIALOG_DATA,
  MatDialogActions,
  MatDialogClose,
  MatDialogContent,
  MatDialogTitle,
} from '@angular/material/dialog';
import { MatProgressBar } from '@angular/material/progress-bar';
import type { CommandReport, RollbackPreview } from '#contracts/job';
import { plainWords } from '#contracts/plain-words';
import { problemOf } from '../core/problem';
import { ExportsApi } from './exports-api';

export interface RollbackAnswer {
  /** `null`: there were none. */
  readonly writes: WritesChoice | null;
}

export interface RollbackData {
  readonly jobId: string;
  readonly toolId: string;
}

/** The choice for rows that the service has written since the cut-over. */
export type WritesChoice = 'bring-back' | 'discard';

/** Shows what a rollback would undo, and asks. Closes with the reader's answer, or with nothing. */
@Component({
  selector: 'app-rollback-dialog',
  imports: [
    DecimalPipe,
    MatButton,
    MatDialogActions,
    MatDialogClose,
    MatDialogContent,
    MatDialogTitle,
    MatProgressBar,
  ],
  templateUrl: './rollback-dialog.component.html',
  styleUrl: './rollback-dialog.component.scss',
})
export class RollbackDialogComponent {
  protected readonly data = inject<RollbackData>(MAT_DIALOG_DATA);
  protected readonly plain = plainWords;
  private readonly api = inject(ExportsApi);
  protected readonly preview = rxResource({ stream: () => this.api.planRollback(this.data.jobId) });
  protected readonly problem = computed(() => {
    const error = this.preview.error();
    return error === undefined ? null : problemOf(error).detail;
  });
  private readonly findings = computed(() => (this.preview.hasValue() ? this.preview.value().findings : []));
  protected readonly writes = computed(() => this.findings().filter((f) => f.code === 'service-writes'));
  protected readonly obstacles = computed(() =>
    this.findings().filter((f) => f.code === 'bring-back-obstacle'),
  );
  protected readonly warnings = computed(() =>
    this.findings().filter(
      (f) => f.severity !== 'info' && !this.writes().includes(f) && !this.obstacles().includes(f),
    ),
  );
  protected readonly asks = computed(() => this.writes().length > 0 || this.obstacles().length > 0);
  /** Nothing is chosen for the reader: one way loses rows, the other changes the monolith's. */
  protected readonly chosen = signal<WritesChoice | null>(null);
  protected readonly answer = computed<RollbackAnswer>(() => ({ writes: this.chosen() }));
  protected readonly ready = computed(
    () => this.preview.hasValue() && this.preview.value().ok && (!this.asks() || this.chosen() !== null),
  );
  protected readonly writtenRows = computed(() => {
    const result = this.preview.hasValue() ? this.preview.value().result : undefined;
    return (result as RollbackPreview | undefined)?.writtenRows ?? 0;
  });
  /** Why the rollback cannot be started yet; empty when it can. */
  protected readonly reason = computed(() => {
    if (this.preview.isLoading() || this.ready()) return '';
    if (!this.preview.hasValue() || !this.preview.value().ok) return 'The rollback is not possible now.';
    return 'Choose first what happens to the data that the service has written.';
  });
  /** Of a live export. */
  protected readonly follows = computed(
    () => this.preview.hasValue() && this.preview.value().changes.some(({ kind }) => kind === 'follow-back'),
  );
  protected readonly phases = computed(() => phasesOf(this.preview.hasValue() ? this.preview.value() : null));
}

interface Phase {
  readonly title: string;
  readonly changes: CommandReport['changes'];
}

/** The phases of a rollback, in its order. */
const PHASES: Readonly<Record<string, string>> = {
  configuration: 'Requests and configuration',
  service: 'The service',
  database: 'Its database',
  folders: 'Generated folders',
  registry: 'The registry',
};

function phasesOf(report: CommandReport | null): readonly Phase[] {
  return Object.entries(PHASES)
    .map(([id, title]) => ({
      title,
      changes: (report?.changes ?? []).filter(({ phase }) => phase === id),
    }))
    .filter((phase) => phase.changes.length > 0);
}

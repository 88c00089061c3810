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
import type { CommandReport } from '#contracts/job';
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
  imports: [MatButton, MatDialogActions, MatDialogClose, MatDialogContent, MatDialogTitle, MatProgressBar],
  templateUrl: './rollback-dialog.component.html',
  styleUrl: './rollback-dialog.component.scss',
})
export class RollbackDialogComponent {
  protected readonly data = inject<RollbackData>(MAT_DIALOG_DATA);
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
  /** `create-database inventory_db` without the name, which stands beside it: `create database`. */
  protected readonly words = (summary: string, target: string): string =>
    summary.replace(target, '').trim().replaceAll('-', ' ');
  /** Of a live export. */
  protected readonly follows = computed(
    () =>
      this.preview.hasValue() &&
      this.preview.value().changes.some(({ summary }) => summary.startsWith('follow-back ')),
  );
  protected readonly phases = computed(() => phasesOf(this.preview.hasValue() ? this.preview.value() : null));
}

interface Phase {
  readonly title: string;
  readonly changes: CommandReport['changes'];
}

/** The order in which a rollback works: traffic first, then what served it. */
const PHASES: readonly (readonly [title: string, steps: readonly string[]])[] = [
  ['Gateway, compose file and service', ['infrastructure']],
  ['Database of the service', ['database']],
  ['Generated folders', ['frontend', 'backend']],
  ['Everything else', ['health', 'preflight']],
];

function phasesOf(report: CommandReport | null): readonly Phase[] {
  const changes = [...(report?.changes ?? [])].reverse();
  return PHASES.map(([title, steps]) => ({
    title,
    changes: changes.filter(({ step }) => steps.includes(step)),
  })).filter((phase) => phase.changes.length > 0);
}

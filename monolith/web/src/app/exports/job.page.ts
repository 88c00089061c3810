import { DatePipe, DecimalPipe } from '@angular/common';
import { Component, computed, effect, inject, input, signal } from '@angular/core';
import { MatAnchor, MatButton } from '@angular/material/button';
import { MatDialog } from '@angular/material/dialog';
import { MatIcon } from '@angular/material/icon';
import { RouterLink } from '@angular/router';
import { isUndoable } from '#contracts/job';
import { PageTitle } from '../core/page-title';
import { problemOf } from '../core/problem';
import { Session } from '../core/session';
import { JobChipComponent } from '../ui/job-chip.component';
import { DurationPipe } from '../ui/time';
import { ExportsApi } from './exports-api';
import { JobFeed } from './job-feed';
import { JobLogComponent } from './job-log.component';
import { JobStepsComponent } from './job-steps.component';
import { RollbackDialogComponent, type RollbackAnswer, type RollbackData } from './rollback-dialog.component';
import { workedMs } from './worked';

/** One export, live: its steps, its log, and the two ways out. */
@Component({
  selector: 'app-job-page',
  imports: [
    DatePipe,
    DecimalPipe,
    DurationPipe,
    RouterLink,
    MatAnchor,
    MatButton,
    MatIcon,
    JobChipComponent,
    JobLogComponent,
    JobStepsComponent,
  ],
  providers: [JobFeed],
  templateUrl: './job.page.html',
  styleUrl: './job.page.scss',
})
export class JobPage {
  /** From the address. */
  readonly jobId = input.required<string>();

  private readonly api = inject(ExportsApi);
  private readonly dialog = inject(MatDialog);
  protected readonly session = inject(Session);
  protected readonly feed = inject(JobFeed);
  protected readonly now = signal(Date.now());
  protected readonly asking = signal(false);
  protected readonly refusal = signal<string | null>(null);

  protected readonly elapsed = computed(() => {
    const job = this.feed.job();
    return job === null ? null : workedMs(job, this.now());
  });
  /** In front of the title, so that a tab in the background tells how far it is. */
  private readonly share = computed(() => {
    const job = this.feed.job();
    if (job === null || !this.feed.running()) return '';
    return `${Math.floor((job.stepsCompleted / Math.max(1, job.stepsTotal)) * 100)} % · `;
  });
  protected readonly undoable = computed(() => {
    const job = this.feed.job();
    return job !== null && !job.options.dryRun && isUndoable(job);
  });

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const job = this.feed.job();
      if (job !== null) title.name(`${this.share()}Export of ${job.toolId}`);
    });
    effect(() => this.feed.follow(this.jobId()));
    effect((onCleanup) => {
      if (!this.feed.running()) return;
      const timer = setInterval(() => this.now.set(Date.now()), 500);
      onCleanup(() => clearInterval(timer));
    });
  }

  protected cancel(): void {
    this.asking.set(true);
    this.refusal.set(null);
    this.api.cancel(this.jobId()).subscribe({
      next: () => this.asking.set(false),
      error: (error: unknown) => this.refuse(error),
    });
  }

  protected rollback(): void {
    this.dialog
      .open<RollbackDialogComponent, RollbackData, RollbackAnswer>(RollbackDialogComponent, {
        data: { jobId: this.jobId(), toolId: this.feed.job()?.toolId ?? '' },
        width: '640px',
      })
      .afterClosed()
      .subscribe((answer) => {
        if (answer === undefined) return;
        this.refusal.set(null);
        this.api.rollback(this.jobId(), answer.writes).subscribe({
          next: () => void this.feed.load(),
          error: (error: unknown) => this.refuse(error),
        });
      });
  }

  private refuse(error: unknown): void {
    this.asking.set(false);
    this.refusal.set(problemOf(error).detail);
  }
}

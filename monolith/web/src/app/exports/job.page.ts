import { DatePipe, DecimalPipe } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component, computed, effect, inject, input, signal } from '@angular/core';
import { MatAnchor, MatButton } from '@angular/material/button';
import { MatDialog } from '@angular/material/dialog';
import { MatIcon } from '@angular/material/icon';
import { RouterLink } from '@angular/router';
import type { Observable } from 'rxjs';
import { isRollingBack, isUndoable, type Job } from '#contracts/job';
import { jobState } from '#contracts/job-words';
import { plainWords } from '#contracts/plain-words';
import type { RegistryTool } from '#contracts/tool';
import { PageTitle } from '../core/page-title';
import { problemOf } from '../core/problem';
import { Session } from '../core/session';
import { JobChipComponent } from '../ui/job-chip.component';
import { DurationPipe } from '../ui/time';
import { CancelDialogComponent } from './cancel-dialog.component';
import { ExportsApi } from './exports-api';
import { JobFeed } from './job-feed';
import { JobResultComponent } from './job-result.component';
import { JobLogComponent } from './job-log.component';
import { JobStepsComponent } from './job-steps.component';
import { RollbackDialogComponent, type RollbackAnswer, type RollbackData } from './rollback-dialog.component';
import { workedMs } from './worked';

const RUNTIMES: Readonly<Record<Job['options']['runtime'], string>> = {
  auto: 'Docker if available',
  docker: 'Docker',
  local: 'This machine',
};

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
    JobResultComponent,
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
  protected readonly plain = plainWords;
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
  protected readonly state = computed(() => {
    const job = this.feed.job();
    return job === null ? null : jobState(job);
  });
  /** The error of a cancelled export only says that it was cancelled, unless its rollback is incomplete. */
  protected readonly isCancellation = computed(() => {
    const state = this.state();
    return state === 'cancelled' || state === 'cancelling' || this.feed.job()?.error?.code === 'cancelled';
  });
  protected readonly rollingBack = computed(() => {
    const job = this.feed.job();
    return job !== null && (isRollingBack(job) || this.state() === 'failing');
  });
  /** The steps of the export are at work, and not those of a rollback. */
  protected readonly exporting = computed(() => this.feed.running() && !this.rollingBack());
  protected readonly summary = computed(() =>
    this.state() === 'completed' ? (this.feed.job()?.result?.summary ?? null) : null,
  );
  /** As it was chosen, and as it was found once the export has completed. */
  protected readonly runsOn = computed(() => {
    const job = this.feed.job();
    if (job === null) return '';
    const runtime = job.result?.summary?.runtime ?? job.options.runtime;
    const cutover = job.result?.cutover.mode ?? job.options.cutover;
    return [
      RUNTIMES[runtime],
      ...(cutover === 'auto' ? [] : [`${cutover} cut-over`]),
      ...(job.options.dryRun ? ['dry run'] : []),
    ].join(', ');
  });
  /** The tool of an ended job. It changes with each end, as an export and a rollback change where the tool runs. */
  private readonly endOfJob = computed(() => {
    const job = this.feed.job();
    return job === null || this.feed.running() ? null : `${job.toolId} ${job.completedAt ?? ''}`;
  });
  private readonly tool = httpResource<RegistryTool>(() => {
    const toolId = this.endOfJob()?.split(' ')[0];
    return toolId === undefined ? undefined : `/api/tools/${encodeURIComponent(toolId)}`;
  });
  /** An export is possible: no change of this one remains, and the tool is in the monolith. */
  protected readonly exportable = computed(
    () =>
      this.session.may('exports:run') &&
      !this.feed.running() &&
      !this.undoable() &&
      this.tool.hasValue() &&
      !this.tool.value().isExported,
  );

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
    const data = { toolId: this.feed.job()?.toolId ?? '' };
    this.dialog
      .open<CancelDialogComponent, typeof data, boolean>(CancelDialogComponent, { data, width: '480px' })
      .afterClosed()
      .subscribe((confirmed) => {
        if (confirmed === true) this.request(this.api.cancel(this.jobId()));
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
        if (answer !== undefined) this.request(this.api.rollback(this.jobId(), answer.writes));
      });
  }

  /** Shows the job as the answer has it, so that no button offers what is under way. */
  private request(sent: Observable<Job>): void {
    this.asking.set(true);
    this.refusal.set(null);
    sent.subscribe({
      next: (job) => {
        this.asking.set(false);
        this.feed.accept(job);
      },
      error: (error: unknown) => this.refuse(error),
    });
  }

  private refuse(error: unknown): void {
    this.asking.set(false);
    this.refusal.set(problemOf(error).detail);
  }
}

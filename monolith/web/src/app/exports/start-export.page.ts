import { httpResource } from '@angular/common/http';
import { Component, computed, effect, inject, input, signal } from '@angular/core';
import { MatAnchor, MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { MatProgressBar } from '@angular/material/progress-bar';
import { Router, RouterLink } from '@angular/router';
import type { CommandReport, JobOptions } from '#contracts/job';
import type { RegistryTool } from '#contracts/tool';
import { lastValue } from '../core/last-value';
import type { Plan } from '#contracts/plan';
import { PageTitle } from '../core/page-title';
import { problemOf } from '../core/problem';
import { Session } from '../core/session';
import { ExportsApi } from './exports-api';
import { PlanComponent } from './plan.component';

type Runtime = JobOptions['runtime'];

/** Starts an export, after a look at what it would do. */
@Component({
  selector: 'app-start-export-page',
  imports: [RouterLink, MatAnchor, MatButton, MatProgressBar, MatIcon, PlanComponent],
  templateUrl: './start-export.page.html',
  styles: `
    .back {
      display: inline-flex;
      align-items: center;
      gap: 4px;
      margin-bottom: 6px;
      font-size: 0.875rem;
      color: var(--mat-sys-on-surface-variant);
      text-decoration: none;
    }
    .reason {
      color: var(--mat-sys-on-surface-variant);
      font-size: 0.875rem;
    }
    .dirty {
      display: flex;
      align-items: center;
      gap: 8px;
      margin: -8px 0 20px;
    }
    .refusal {
      margin: 0 0 16px;
      padding: 12px 16px;
      border-radius: 12px;
      background: var(--bad-surface);
      color: var(--bad);
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
  `,
})
export class StartExportPage {
  /** From the address. */
  readonly toolId = input.required<string>();

  private readonly api = inject(ExportsApi);
  private readonly router = inject(Router);
  protected readonly session = inject(Session);
  private readonly answer = httpResource<RegistryTool>(
    () => `/api/tools/${encodeURIComponent(this.toolId())}`,
  );
  protected readonly tool = lastValue(this.answer);
  protected readonly problem = computed(() => {
    const error = this.answer.error();
    return error === undefined ? null : problemOf(error);
  });
  protected readonly allowDirty = signal(false);
  /** Uncommitted files have refused the export, or are ignored by choice. */
  protected readonly offersDirty = computed(
    () => this.allowDirty() || (this.report()?.findings.some(({ code }) => code === 'git-dirty') ?? false),
  );
  protected readonly runtime = signal<Runtime>('auto');
  protected readonly busy = signal<'planning' | 'starting' | null>(null);
  protected readonly refusal = signal<string | null>(null);
  protected readonly report = signal<CommandReport | null>(null);
  protected readonly refused = computed(() => this.report()?.ok === false);

  protected chooseRuntime(value: string): void {
    this.runtime.set(value as Runtime);
    this.report.set(null);
  }

  protected chooseDirty(ignored: boolean): void {
    this.allowDirty.set(ignored);
    this.plan();
  }

  protected plan(): void {
    this.begin('planning');
    this.api.planExport(this.toolId(), this.choices()).subscribe({
      next: (report) => {
        this.report.set(report);
        this.busy.set(null);
      },
      error: (error: unknown) => this.refuse(error),
    });
  }

  protected start(): void {
    this.begin('starting');
    const options: JobOptions = { ...this.choices(), dryRun: false, cutover: this.cutover() };
    this.api.start(this.toolId(), options).subscribe({
      next: (job) => void this.router.navigate(['/exports', job.id]),
      error: (error: unknown) => this.refuse(error),
    });
  }

  /** An export whose dry run was live is never started as one that stops writes. */
  private cutover(): JobOptions['cutover'] {
    const result = this.report()?.result as { readonly plan?: Plan } | undefined;
    return result?.plan?.cutover === 'live' ? 'live' : 'auto';
  }

  constructor() {
    const title = inject(PageTitle);
    effect(() => title.name(`Export ${this.toolId()}`));
  }

  private choices(): Omit<JobOptions, 'dryRun'> {
    return { runtime: this.runtime(), cutover: 'auto', ...(this.allowDirty() ? { allowDirty: true } : {}) };
  }

  private begin(what: 'planning' | 'starting'): void {
    this.busy.set(what);
    this.refusal.set(null);
  }

  private refuse(error: unknown): void {
    this.busy.set(null);
    this.refusal.set(problemOf(error).detail);
  }
}

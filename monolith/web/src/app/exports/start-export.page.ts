import { Component, computed, effect, inject, input, signal } from '@angular/core';
import { MatAnchor, MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { MatProgressBar } from '@angular/material/progress-bar';
import { Router, RouterLink } from '@angular/router';
import type { CommandReport, JobOptions } from '#contracts/job';
import type { Plan } from '#contracts/plan';
import { PageTitle } from '../core/page-title';
import { problemOf } from '../core/problem';
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
  protected readonly runtime = signal<Runtime>('auto');
  protected readonly busy = signal<'planning' | 'starting' | null>(null);
  protected readonly refusal = signal<string | null>(null);
  protected readonly report = signal<CommandReport | null>(null);
  protected readonly refused = computed(() => this.report()?.ok === false);

  protected chooseRuntime(value: string): void {
    this.runtime.set(value as Runtime);
    this.report.set(null);
  }

  protected plan(): void {
    this.begin('planning');
    this.api.planExport(this.toolId(), { runtime: this.runtime(), cutover: 'auto' }).subscribe({
      next: (report) => {
        this.report.set(report);
        this.busy.set(null);
      },
      error: (error: unknown) => this.refuse(error),
    });
  }

  protected start(): void {
    this.begin('starting');
    const options: JobOptions = { dryRun: false, runtime: this.runtime(), cutover: this.cutover() };
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

  private begin(what: 'planning' | 'starting'): void {
    this.busy.set(what);
    this.refusal.set(null);
  }

  private refuse(error: unknown): void {
    this.busy.set(null);
    this.refusal.set(problemOf(error).detail);
  }
}

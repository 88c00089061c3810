import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { Job, JobOutcome, JobStatus } from '#contracts/job';
import { jobWords } from '#contracts/job-words';
import type { IconName } from './icons';

interface Look {
  readonly icon: IconName;
  readonly tone: 'calm' | 'hint' | 'good' | 'warn' | 'bad';
}

const LOOK: Readonly<Record<JobStatus, Look>> = {
  pending: { icon: 'hourglass_empty', tone: 'calm' },
  in_progress: { icon: 'timer', tone: 'hint' },
  completed: { icon: 'check_circle', tone: 'good' },
  failed: { icon: 'error', tone: 'bad' },
  rolled_back: { icon: 'undo', tone: 'warn' },
  cancelled: { icon: 'cancel', tone: 'calm' },
  interrupted: { icon: 'bolt', tone: 'bad' },
  rollback_failed: { icon: 'error', tone: 'bad' },
};

/** A job that was rolled back looks like its export has ended. */
const LOOK_WHEN_ROLLED_BACK: Partial<Record<JobOutcome, Look>> = {
  failed: LOOK.failed,
  cancelled: LOOK.cancelled,
  interrupted: LOOK.interrupted,
};

/** How a job stands, in a word, a sign and a colour. */
@Component({
  selector: 'app-job-chip',
  imports: [MatIcon],
  template: `<mat-icon [svgIcon]="look().icon" />{{ text() }}`,
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: 5px;
      padding: 2px 10px 2px 7px;
      border-radius: 99px;
      font-size: 0.8125rem;
      font-weight: 600;
      white-space: nowrap;
    }
  `,
  host: {
    '[style.background]': 'surface()',
    '[style.color]': 'colour()',
    '[attr.data-status]': 'job().status',
    '[attr.data-outcome]': 'job().outcome',
  },
})
export class JobChipComponent {
  readonly job = input.required<Pick<Job, 'status' | 'outcome'>>();
  protected readonly text = computed(() => jobWords(this.job()));
  protected readonly look = computed(() => {
    const { status, outcome } = this.job();
    const ended = status === 'rolled_back' && outcome !== null ? LOOK_WHEN_ROLLED_BACK[outcome] : undefined;
    return ended ?? LOOK[status];
  });
  protected readonly surface = computed(() => `var(--${this.look().tone}-surface)`);
  protected readonly colour = computed(() => `var(--${this.look().tone})`);
}

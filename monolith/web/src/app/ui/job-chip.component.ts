import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { JobStatus } from '#contracts/job';
import type { IconName } from './icons';

const LOOK: Readonly<Record<JobStatus, { text: string; icon: IconName; tone: string }>> = {
  pending: { text: 'Waiting', icon: 'hourglass_empty', tone: 'calm' },
  in_progress: { text: 'In progress', icon: 'timer', tone: 'hint' },
  completed: { text: 'Completed', icon: 'check_circle', tone: 'good' },
  failed: { text: 'Failed', icon: 'error', tone: 'bad' },
  rolled_back: { text: 'Rolled back', icon: 'undo', tone: 'warn' },
  cancelled: { text: 'Cancelled', icon: 'cancel', tone: 'calm' },
  interrupted: { text: 'Interrupted', icon: 'bolt', tone: 'bad' },
  rollback_failed: { text: 'Rollback failed', icon: 'error', tone: 'bad' },
};

/** How a job stands, in a word, a sign and a colour. */
@Component({
  selector: 'app-job-chip',
  imports: [MatIcon],
  template: `<mat-icon [svgIcon]="look().icon" />{{ look().text }}`,
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
    '[attr.data-status]': 'status()',
  },
})
export class JobChipComponent {
  readonly status = input.required<JobStatus>();
  protected readonly look = computed(() => LOOK[this.status()]);
  protected readonly surface = computed(() => `var(--${this.look().tone}-surface)`);
  protected readonly colour = computed(() => `var(--${this.look().tone})`);
}

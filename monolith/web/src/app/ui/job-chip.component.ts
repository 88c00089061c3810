import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import { jobState, jobWords, type JobFacts, type JobState } from '#contracts/job-words';
import type { IconName } from './icons';

interface Look {
  readonly icon: IconName;
  readonly tone: 'calm' | 'hint' | 'good' | 'warn' | 'bad';
}

const LOOK: Readonly<Record<JobState, Look>> = {
  waiting: { icon: 'hourglass_empty', tone: 'calm' },
  running: { icon: 'timer', tone: 'hint' },
  cancelling: { icon: 'timer', tone: 'calm' },
  failing: { icon: 'timer', tone: 'bad' },
  'rolling-back': { icon: 'timer', tone: 'warn' },
  completed: { icon: 'check_circle', tone: 'good' },
  failed: { icon: 'error', tone: 'bad' },
  'failed-rolled-back': { icon: 'error', tone: 'bad' },
  cancelled: { icon: 'cancel', tone: 'calm' },
  interrupted: { icon: 'bolt', tone: 'bad' },
  'interrupted-rolled-back': { icon: 'bolt', tone: 'bad' },
  'rolled-back': { icon: 'undo', tone: 'warn' },
  'rollback-incomplete': { icon: 'error', tone: 'bad' },
  'rollback-interrupted': { icon: 'bolt', tone: 'bad' },
};

/** How a job stands, in words, a sign and a colour. */
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
      overflow-wrap: anywhere;
    }
  `,
  host: {
    '[style.background]': 'surface()',
    '[style.color]': 'colour()',
    '[attr.data-status]': 'job().status',
    '[attr.data-outcome]': 'job().outcome',
    '[attr.data-state]': 'state()',
  },
})
export class JobChipComponent {
  readonly job = input.required<JobFacts>();
  protected readonly text = computed(() => jobWords(this.job()));
  protected readonly state = computed(() => jobState(this.job()));
  protected readonly look = computed(() => LOOK[this.state()]);
  protected readonly surface = computed(() => `var(--${this.look().tone}-surface)`);
  protected readonly colour = computed(() => `var(--${this.look().tone})`);
}

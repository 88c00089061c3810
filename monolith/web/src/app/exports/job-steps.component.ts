import { DecimalPipe } from '@angular/common';
import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { Job, JobProgress, JobStep, StepStatus } from '#contracts/job';
import { sizeText } from '#contracts/size-text';
import type { IconName } from '../ui/icons';
import { durationText } from '../ui/time';
import { stepMs } from './worked';

/** The step at which a person has cancelled an export has not failed. */
type ShownStatus = StepStatus | 'cancelled';

const ICONS: Readonly<Record<ShownStatus, IconName>> = {
  pending: 'radio_button_unchecked',
  in_progress: 'timer',
  completed: 'check_circle',
  failed: 'error',
  skipped: 'block',
  rolled_back: 'undo',
  cancelled: 'cancel',
};
const WORDS: Readonly<Record<ShownStatus, string>> = {
  pending: 'waiting',
  in_progress: 'in progress',
  completed: 'done',
  failed: 'failed',
  skipped: 'skipped',
  rolled_back: 'rolled back',
  cancelled: 'cancelled',
};

/** The steps of a job, each with its state; the running one shows its progress. */
@Component({
  selector: 'app-job-steps',
  imports: [DecimalPipe, MatIcon],
  template: `
    <ol aria-label="Steps">
      @for (step of job().steps; track step.id; let i = $index) {
        <li
          [attr.data-step]="step.id"
          [attr.data-status]="shown(step)"
          [attr.aria-current]="step.status === 'in_progress' ? 'step' : null"
        >
          <mat-icon [svgIcon]="icons[shown(step)]" />
          <span class="title"
            ><span class="no">[{{ i + 1 }}/{{ job().steps.length }}]</span> {{ step.title }}</span
          >
          <span class="right">
            @if (progressOf(step); as progress) {
              {{ progress.percent | number: '1.0-0' }}%
            } @else {
              @if (shown(step) === 'rolled_back' || shown(step) === 'cancelled') {
                {{ words[shown(step)] }}
              } @else {
                <span class="visually-hidden">{{ words[shown(step)] }}</span>
                {{ time(step) }}
              }
            }
          </span>
          @if (progressOf(step); as progress) {
            <div class="progress">
              <progress max="100" [value]="progress.percent" [attr.aria-label]="step.title"></progress>
              <span>
                @if (progress.phase; as phase) {
                  {{ phase }}:
                }
                {{ progress.target }}
                @if (progress.total > 0) {
                  · {{ progress.done | number }} of {{ progress.total | number }} {{ progress.unit }}
                }
                @if (progress.bytes; as bytes) {
                  · {{ size(bytes) }}
                }
                @if (progress.etaSeconds !== null) {
                  · about {{ left(progress.etaSeconds) }} left
                }
              </span>
            </div>
          }
        </li>
      }
    </ol>
  `,
  styleUrl: './job-steps.component.scss',
})
export class JobStepsComponent {
  readonly job = input.required<Job>();
  /** Milliseconds since 1970, moving on while the job runs. */
  readonly now = input.required<number>();

  protected readonly icons = ICONS;
  protected readonly words = WORDS;
  private readonly progress = computed<JobProgress | null>(() => this.job().progress);

  protected shown({ status }: JobStep): ShownStatus {
    const { outcome, cancelledBy } = this.job();
    return status === 'failed' && (outcome === 'cancelled' || cancelledBy !== null) ? 'cancelled' : status;
  }

  protected progressOf(step: JobStep): JobProgress | null {
    const progress = this.progress();
    return step.status === 'in_progress' && progress?.step === step.id ? progress : null;
  }

  protected time(step: JobStep): string {
    const ms = stepMs(this.job(), step, this.now());
    return ms === null ? '' : durationText(ms);
  }

  protected readonly size = sizeText;
  protected readonly left = (seconds: number): string => durationText(seconds * 1000);
}

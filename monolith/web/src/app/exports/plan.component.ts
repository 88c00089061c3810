import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { CommandReport } from '#contracts/job';
import { plainWords } from '#contracts/plain-words';
import { STEP_IDS, STEP_TITLES, type Change, type Plan } from '#contracts/plan';
import type { IconName } from '../ui/icons';
import { diffLines, filesOf, type PlannedFile } from './planned-files';

const ICONS: Readonly<Record<string, IconName>> = {
  error: 'error',
  warning: 'warning',
  info: 'check_circle',
};

interface PlanStep {
  readonly id: string;
  readonly title: string;
  readonly findings: CommandReport['findings'];
  readonly changes: readonly { readonly change: Change; readonly files: readonly PlannedFile[] }[];
}

/** The findings and planned changes of a dry run, step by step, with the text of every file. */
@Component({
  selector: 'app-plan',
  imports: [MatIcon],
  templateUrl: './plan.component.html',
  styleUrl: './plan.component.scss',
})
export class PlanComponent {
  readonly report = input.required<CommandReport>();
  protected readonly icons = ICONS;
  protected readonly diffLines = diffLines;
  protected readonly plain = plainWords;
  protected readonly words = (kind: string): string => kind.replaceAll('-', ' ');

  private readonly plan = computed(
    () => (this.report().result as { readonly plan?: Plan } | undefined)?.plan ?? null,
  );
  protected readonly cutover = computed(() => this.plan()?.cutover ?? null);
  protected readonly steps = computed<readonly PlanStep[]>(() => {
    const { findings } = this.report();
    const plan = this.plan();
    return STEP_IDS.map((id) => ({
      id,
      title: STEP_TITLES[id],
      findings: findings.filter((finding) => finding.step === id),
      changes: (plan?.changes ?? [])
        .filter((change) => change.step === id)
        .map((change) => ({ change, files: filesOf(change) })),
    }));
  });
  protected readonly errors = computed(
    () => this.report().findings.filter((finding) => finding.severity === 'error').length,
  );
}

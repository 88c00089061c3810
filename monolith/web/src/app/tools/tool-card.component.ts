import { Component, computed, inject, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import { RouterLink } from '@angular/router';
import type { RegistryTool } from '#contracts/tool';
import { Session } from '../core/session';
import type { ToolRun } from '../core/tool-runs';
import { StatusChipComponent } from '../ui/status-chip.component';
import { ToolIconComponent } from '../ui/tool-icon.component';

/** A tool on the grid. The whole card opens the tool; the small link opens what there is to know about it. */
@Component({
  selector: 'app-tool-card',
  imports: [RouterLink, MatIcon, StatusChipComponent, ToolIconComponent],
  templateUrl: './tool-card.component.html',
  styleUrl: './tool-card.component.scss',
})
export class ToolCardComponent {
  protected readonly session = inject(Session);
  readonly tool = input.required<RegistryTool>();
  /** How the tool runs; `null` where it is not known. */
  readonly run = input<ToolRun | null>(null);
  /** Said on the card only where someone should act. */
  protected readonly trouble = computed(() => {
    const run = this.run();
    return run !== null && (run.tone === 'bad' || run.tone === 'warn') ? run : null;
  });
  protected readonly wayBack = computed(() => {
    const way = this.run()?.wayBack;
    return way === undefined || way.tone === 'good' ? null : way;
  });
}

import { Component, inject, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import { RouterLink } from '@angular/router';
import type { RegistryTool } from '#contracts/tool';
import { Session } from '../core/session';
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
}

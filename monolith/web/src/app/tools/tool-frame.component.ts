import { Component, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import { RouterLink, RouterOutlet } from '@angular/router';
import type { RegistryTool } from '#contracts/tool';
import { StatusChipComponent } from '../ui/status-chip.component';
import { ToolIconComponent } from '../ui/tool-icon.component';

/** The platform's line above a tool that it hosts: what it is, and where to read more about it. */
@Component({
  selector: 'app-tool-frame',
  imports: [RouterLink, RouterOutlet, MatIcon, StatusChipComponent, ToolIconComponent],
  template: `
    <div class="bar">
      <a routerLink="/tools" class="back"><mat-icon svgIcon="arrow_back" /><span>Tools</span></a>
      <app-tool-icon
        [toolId]="tool().toolId"
        [name]="tool().name"
        [icon]="tool().icon"
        style="--tile: 28px"
      />
      <strong>{{ tool().name }}</strong>
      <app-status-chip [status]="tool().status" />
      <span class="version">v{{ tool().version }}</span>
      <a class="about" [routerLink]="['/tools', tool().toolId, 'about']"><mat-icon svgIcon="info" />About</a>
    </div>
    <router-outlet />
  `,
  styles: `
    .bar {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px 12px;
      padding-bottom: 12px;
      margin-bottom: 20px;
      border-bottom: 1px solid var(--mat-sys-outline-variant);
    }
    a {
      display: inline-flex;
      align-items: center;
      gap: 4px;
      min-height: 32px;
      text-decoration: none;
      color: var(--mat-sys-on-surface-variant);
    }
    a:hover {
      color: var(--mat-sys-primary);
    }
    .version {
      color: var(--mat-sys-on-surface-variant);
      font-size: 0.8125rem;
    }
    .about {
      margin-inline-start: auto;
    }
  `,
})
export class ToolFrameComponent {
  /** From the route's data. */
  readonly tool = input.required<RegistryTool>();
}

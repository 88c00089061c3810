import { Component, DOCUMENT, computed, effect, inject, input } from '@angular/core';
import { MatAnchor } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { RouterLink } from '@angular/router';
import type { RegistryTool } from '#contracts/tool';
import { ToolIconComponent } from '../ui/tool-icon.component';
import { openAddress } from './open-address';
import { serviceHealth } from './service-health';

/** A tool with a service of its own is opened there: its web app answers behind the gateway. */
@Component({
  selector: 'app-exported-tool',
  imports: [MatAnchor, RouterLink, MatIcon, ToolIconComponent],
  template: `
    <div class="s-notice">
      <app-tool-icon
        [toolId]="tool().toolId"
        [name]="tool().name"
        [icon]="tool().icon"
        style="--tile: 56px"
      />
      <h1>{{ tool().name }}</h1>
      <p class="badge"><mat-icon svgIcon="rocket_launch" /> Exported: runs as its own service.</p>
      @switch (health.state().kind) {
        @case ('healthy') {
          <p role="status">Opening the tool’s web app…</p>
        }
        @case ('down') {
          <p role="alert">The service does not answer: {{ health.state().text }}</p>
        }
        @default {
          <p role="status">Checking the service…</p>
        }
      }
      <div class="s-buttons">
        @if (address(); as url) {
          <a matButton="filled" [href]="url">Open {{ tool().name }}</a>
        }
        <a matButton="outlined" [routerLink]="['/tools', tool().toolId, 'about']">Export details</a>
      </div>
    </div>
  `,
})
export class ExportedToolComponent {
  readonly tool = input.required<RegistryTool>();
  private readonly location = inject(DOCUMENT).location;
  protected readonly address = computed(() => {
    const { webUrl } = this.tool();
    return webUrl === null ? null : openAddress(webUrl, this.location);
  });
  protected readonly health = serviceHealth(() => this.tool());

  constructor() {
    effect(() => {
      const address = this.address();
      // `replace`: the back button leads to where the reader came from, not into this page again
      if (address !== null && this.health.state().kind === 'healthy') this.location.replace(address);
    });
  }
}

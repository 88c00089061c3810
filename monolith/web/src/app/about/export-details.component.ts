import { DatePipe } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component, DOCUMENT, computed, inject, input } from '@angular/core';
import { MatAnchor, MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { RouterLink } from '@angular/router';
import type { Job } from '#contracts/job';
import type { Page, RegistryTool, ToolDeployment } from '#contracts/tool';
import { whileVisible } from '../core/poll';
import type { ToolRun } from '../core/tool-runs';
import { openAddress } from '../tools/open-address';
import { serviceHealth } from '../tools/service-health';

const RUNTIMES: Readonly<Record<ToolDeployment['runtime'], string>> = {
  docker: 'Containers',
  local: 'Process on the platform’s machine',
};
const ASK_MS = 10_000;

/** Where an exported tool runs, and its health. */
@Component({
  selector: 'app-export-details',
  imports: [DatePipe, MatAnchor, MatButton, RouterLink, MatIcon],
  template: `
    <section class="s-panel">
      <header>
        <h2><mat-icon svgIcon="rocket_launch" /> Exported</h2>
        <span class="health" role="status" [attr.data-health]="health.state().kind">
          <i aria-hidden="true"></i>{{ text() }}
        </span>
      </header>
      <dl>
        <dt>Service</dt>
        <dd>
          <a [href]="tool().serviceUrl">{{ tool().serviceUrl }}</a>
        </dd>
        <dt>Gateway</dt>
        <dd>
          <a [href]="tool().gatewayUrl">{{ tool().gatewayUrl }}</a>
        </dd>
        <dt>Web app</dt>
        <dd>
          <a [href]="address()">{{ address() }}</a>
        </dd>
        <dt>Database</dt>
        <dd>
          <code>{{ tool().databaseName }}</code>
        </dd>
        @if (run()?.wayBack; as way) {
          <dt>Way back</dt>
          <dd class="way-back" [attr.data-tone]="way.tone">
            <strong>{{ way.text }}</strong>
            @if (way.remedy) {
              <p>{{ way.remedy }}</p>
            }
          </dd>
        }
        <dt>Since</dt>
        <dd>{{ tool().exportedAt | date: 'medium' }}</dd>
        @if (deployment(); as deployment) {
          <dt>Runs as</dt>
          <dd>{{ runtimes[deployment.runtime] }}</dd>
          @if (deployment.image; as image) {
            <dt>Image</dt>
            <dd>
              <code>{{ image }}</code>
            </dd>
          }
          <dt>Replicas</dt>
          <dd>{{ deployment.replicas }}</dd>
          <dt>Commit</dt>
          <dd>
            <code>{{ deployment.commit.slice(0, 12) }}</code>
          </dd>
        }
      </dl>
      <div class="s-buttons">
        <button matButton="tonal" type="button" (click)="health.ask()">Check health now</button>
        <a matButton="outlined" [href]="tool().serviceUrl + '/health'" target="_blank" rel="noopener">
          View health<mat-icon svgIcon="open_in_new" iconPositionEnd />
        </a>
        @if (job(); as job) {
          <a matButton [routerLink]="['/exports', job.id]">View export</a>
        }
      </div>
    </section>
  `,
  styles: `
    header {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      justify-content: space-between;
      gap: 8px;
    }
    .health {
      display: inline-flex;
      align-items: center;
      gap: 8px;
      font-weight: 550;
    }
    i {
      width: 10px;
      height: 10px;
      border-radius: 50%;
      background: var(--mat-sys-outline);
    }
    [data-health='healthy'] {
      color: var(--good);
      i {
        background: var(--good);
      }
    }
    [data-health='down'] {
      color: var(--bad);
      i {
        background: var(--bad);
      }
    }
    dl {
      display: grid;
      grid-template-columns: 90px minmax(0, 1fr);
      gap: 8px 12px;
      margin: 14px 0;
    }
    dt {
      color: var(--mat-sys-on-surface-variant);
    }
    dd {
      margin: 0;
      overflow-wrap: anywhere;
    }
    .way-back {
      strong {
        font-weight: 550;
      }
      p {
        margin: 4px 0 0;
      }
      &[data-tone='bad'] strong {
        color: var(--bad);
      }
      &[data-tone='warn'] strong {
        color: var(--warn);
      }
    }
  `,
})
export class ExportDetailsComponent {
  readonly tool = input.required<RegistryTool>();
  /** How all instances of the service run; `null` where it is not known. */
  readonly run = input<ToolRun | null>(null);

  private readonly location = inject(DOCUMENT).location;
  protected readonly health = serviceHealth(() => this.tool());
  protected readonly text = computed(() => {
    const { kind, text, version } = this.health.state();
    const run = this.run();
    if (kind === 'healthy' && run?.tone === 'warn') return run.text;
    if (kind === 'healthy') return version === null ? 'Healthy' : `Healthy, v${version}`;
    return kind === 'asking' ? 'Checking…' : `Down: ${text}`;
  });
  protected readonly address = computed(() => openAddress(this.tool().webUrl ?? '', this.location));
  protected readonly runtimes = RUNTIMES;
  private readonly described = httpResource<ToolDeployment | Record<string, never> | null>(() => ({
    // read again after every export
    url: `/api/registry/deployments/${encodeURIComponent(this.tool().toolId)}`,
    params: { since: this.tool().exportedAt ?? '' },
  }));
  /** Empty for exports that were made before these details were recorded. */
  protected readonly deployment = computed(() => {
    const answer = this.described.hasValue() ? this.described.value() : null;
    return answer !== null && 'runtime' in answer ? (answer as ToolDeployment) : null;
  });
  private readonly jobs = httpResource<Page<Job>>(() => ({
    url: '/api/tools/export/jobs',
    params: { toolId: this.tool().toolId, status: 'completed', limit: 1 },
  }));
  protected readonly job = computed(() => (this.jobs.hasValue() ? this.jobs.value().data[0] : undefined));

  constructor() {
    whileVisible(ASK_MS, () => this.health.ask());
  }
}

import { DatePipe } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component, computed, effect, inject, input } from '@angular/core';
import { MatAnchor, MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { RouterLink } from '@angular/router';
import { sharedWith, tableName } from '#contracts/declared-tables';
import type { RegistryTool } from '#contracts/tool';
import { lastValue } from '../core/last-value';
import { PageTitle } from '../core/page-title';
import { whileVisible } from '../core/poll';
import { problemOf } from '../core/problem';
import { Session } from '../core/session';
import { toolRuns } from '../core/tool-runs';
import { StatusChipComponent } from '../ui/status-chip.component';
import { ToolIconComponent } from '../ui/tool-icon.component';
import { ExportDetailsComponent } from './export-details.component';
import { HistoryComponent } from './history.component';

const REFRESH_MS = 5000;

/** A tool's manifest, where it runs, and its history. */
@Component({
  selector: 'app-about-page',
  imports: [
    DatePipe,
    RouterLink,
    MatAnchor,
    MatButton,
    ExportDetailsComponent,
    HistoryComponent,
    MatIcon,
    StatusChipComponent,
    ToolIconComponent,
  ],
  templateUrl: './about.page.html',
  styleUrl: './about.page.scss',
})
export class AboutPage {
  /** From the address. */
  readonly toolId = input.required<string>();
  protected readonly session = inject(Session);

  private readonly answer = httpResource<RegistryTool>(
    () => `/api/tools/${encodeURIComponent(this.toolId())}`,
  );
  protected readonly tool = lastValue(this.answer);
  private readonly runOf = toolRuns(REFRESH_MS);
  protected readonly run = computed(() => {
    const tool = this.tool();
    return tool === undefined ? null : this.runOf(tool);
  });
  protected readonly tables = computed(() =>
    (this.tool()?.databaseSchema.tables ?? []).map((table) => ({
      name: tableName(table),
      sharedWith: sharedWith(table),
    })),
  );
  protected readonly problem = computed(() => {
    const error = this.answer.error();
    return error === undefined || this.tool()?.toolId === this.toolId() ? null : problemOf(error);
  });

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const tool = this.tool();
      if (tool !== undefined) title.name(`About ${tool.name}`);
    });
    whileVisible(REFRESH_MS, () => {
      if (!this.answer.isLoading()) this.answer.reload();
    });
  }

  protected retry(): void {
    this.answer.reload();
  }
}

import { httpResource } from '@angular/common/http';
import { Component, DOCUMENT, computed, effect, inject, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { MatAnchor } from '@angular/material/button';
import { MatProgressBar } from '@angular/material/progress-bar';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';
import { map } from 'rxjs';
import type { RegistryTool } from '#contracts/tool';
import { TOOL_LOADERS, TOOL_PROBLEMS } from '#generated/tool-loaders';
import { PageTitle } from '../core/page-title';
import { whileVisible } from '../core/poll';
import { problemOf } from '../core/problem';
import { Session, permissionsToOpen } from '../core/session';
import { WebBuild, type WebBuildState } from '../core/web-build';
import { ExportedToolComponent } from './exported-tool.component';

const LOOK_AGAIN_MS = 1000;

/**
 * Stands where a tool is not shown yet, or cannot be, and says why: unknown, moved out, still being built, or
 * broken. As soon as a build with the tool is there, it opens the tool by itself.
 */
@Component({
  selector: 'app-tool-gate-page',
  imports: [RouterLink, MatAnchor, MatProgressBar, ExportedToolComponent],
  templateUrl: './tool-gate.page.html',
})
export class ToolGatePage {
  private readonly document = inject(DOCUMENT);
  private readonly webBuild = inject(WebBuild);
  private readonly router = inject(Router);
  protected readonly session = inject(Session);

  protected readonly toolId = toSignal(
    inject(ActivatedRoute).paramMap.pipe(map((params) => params.get('toolId') ?? '')),
    { requireSync: true },
  );
  protected readonly tool = httpResource<RegistryTool>(
    () => `/api/tools/${encodeURIComponent(this.toolId())}`,
  );
  protected readonly state = signal<WebBuildState | null>(null);
  /** The compiler's words, while the newest build has no better news. */
  protected readonly broken = computed(
    () => this.state()?.problems[this.toolId()] ?? TOOL_PROBLEMS[this.toolId()],
  );
  protected readonly problem = computed(() => {
    const error = this.tool.error();
    return error === undefined ? null : problemOf(error);
  });

  constructor() {
    effect(() => {
      if (this.tool.hasValue() && !this.session.mayOpen(this.tool.value().permissions))
        this.refuse(this.tool.value());
    });
    const title = inject(PageTitle);
    effect(() => {
      if (this.tool.hasValue()) title.name(this.tool.value().name);
      else if (this.problem() !== null) title.name('Unknown tool');
    });
    void this.look();
    whileVisible(LOOK_AGAIN_MS, () => void this.look());
  }

  /** An exported tool has no route here whose guard could say so. */
  private refuse({ toolId, permissions }: RegistryTool): void {
    const needs = permissionsToOpen(permissions).join(' ');
    void this.router.navigate(['/forbidden'], { queryParams: { tool: toolId, needs }, replaceUrl: true });
  }

  private async look(): Promise<void> {
    const state = await this.webBuild.state();
    this.state.set(state);
    if (state === null || state.building || !this.tool.hasValue() || this.tool.value().isExported) return;
    // This page was loaded before the tool came: the newest build has it.
    const isNew = TOOL_LOADERS[this.toolId()] === undefined && state.tools.includes(this.toolId());
    if (isNew) this.document.location.reload();
  }
}

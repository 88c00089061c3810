import { httpResource } from '@angular/common/http';
import {
  Component,
  afterNextRender,
  computed,
  inject,
  linkedSignal,
  output,
  signal,
  viewChild,
  type ElementRef,
} from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import { Router, RouterLink } from '@angular/router';
import type { RegistryTool } from '#contracts/tool';
import { lastValue } from '../core/last-value';
import { ToolIconComponent } from '../ui/tool-icon.component';

type Entry = Pick<RegistryTool, 'toolId' | 'name' | 'icon' | 'status' | 'isExported'>;

interface Openable {
  readonly data: readonly Entry[];
  /** There are more than are shown. */
  readonly more: boolean;
}

/** The tools that the reader may open, found by their first letters and opened from the keyboard. */
@Component({
  selector: 'app-tool-switcher',
  imports: [RouterLink, MatIcon, ToolIconComponent],
  templateUrl: './tool-switcher.component.html',
  styleUrl: './tool-switcher.component.scss',
})
export class ToolSwitcherComponent {
  readonly closed = output();

  private readonly router = inject(Router);
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');
  protected readonly query = signal('');
  private readonly answer = httpResource<Openable>(() => ({
    url: '/api/session/tools',
    params: { q: this.query() },
  }));
  protected readonly found = lastValue(this.answer);
  protected readonly failed = computed(() => this.answer.error() !== undefined);
  /** The entry that Enter opens. */
  protected readonly at = linkedSignal({ source: this.found, computation: () => 0 });
  protected readonly chosen = computed(() => this.found()?.data[this.at()]);

  constructor() {
    afterNextRender(() => this.dialog().nativeElement.showModal());
  }

  protected press(event: KeyboardEvent): void {
    const count = this.found()?.data.length ?? 0;
    if (event.key === 'Enter') {
      event.preventDefault();
      this.open(this.chosen());
    } else if (count > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      this.at.update((at) => (at + step + count) % count);
      const id = this.chosen()?.toolId ?? '';
      document.getElementById(`switch-to-${id}`)?.scrollIntoView({ block: 'nearest' });
    }
  }

  private open(entry: Entry | undefined): void {
    if (entry === undefined) return;
    this.close();
    void this.router.navigate(['/tools', entry.toolId]);
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }
}

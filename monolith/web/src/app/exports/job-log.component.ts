import { DatePipe } from '@angular/common';
import {
  Component,
  afterRenderEffect,
  computed,
  input,
  signal,
  viewChild,
  type ElementRef,
} from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import type { JobLog } from '#contracts/job';

/** Distance from the end, in pixels, within which a reader still counts as following. */
const NEAR_END = 40;

/** A job's log: it follows new lines until the user scrolls away, and can be searched and downloaded as text. */
@Component({
  selector: 'app-job-log',
  imports: [DatePipe, MatButton, MatIcon],
  templateUrl: './job-log.component.html',
  styleUrl: './job-log.component.scss',
})
export class JobLogComponent {
  readonly logs = input.required<readonly JobLog[]>();
  /** Begins the name of the downloaded file. */
  readonly name = input.required<string>();

  protected readonly query = signal('');
  protected readonly following = signal(true);
  private readonly box = viewChild.required<ElementRef<HTMLElement>>('box');

  protected readonly shown = computed(() => {
    const words = this.query().trim().toLowerCase();
    if (words === '') return this.logs();
    return this.logs().filter((line) => `${line.level} ${line.message}`.toLowerCase().includes(words));
  });

  constructor() {
    afterRenderEffect(() => {
      this.shown();
      if (this.following()) this.toEnd();
    });
  }

  protected follow(): void {
    this.following.set(true);
    this.toEnd();
  }

  protected scrolled(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.box().nativeElement;
    this.following.set(scrollHeight - scrollTop - clientHeight < NEAR_END);
  }

  protected download(): void {
    const lines = this.logs().map(
      (l) => `${l.timestamp} ${l.level.padEnd(7)} ${l.step ?? '-'} ${l.message}\n`,
    );
    const url = URL.createObjectURL(new Blob(lines, { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${this.name()}.log`;
    link.click();
    URL.revokeObjectURL(url);
  }

  private toEnd(): void {
    const element = this.box().nativeElement;
    element.scrollTop = element.scrollHeight;
  }
}

import { Component, input } from '@angular/core';

/** A tool's place in its lifecycle. */
@Component({
  selector: 'app-status-chip',
  template: `{{ status() }}`,
  styles: `
    :host {
      display: inline-block;
      padding: 1px 10px;
      border-radius: 99px;
      font-size: 0.75rem;
      font-weight: 600;
      line-height: 1.375rem;
      text-transform: capitalize;
      background: var(--calm-surface);
      color: var(--calm);
    }
    :host([data-status='active']) {
      background: var(--good-surface);
      color: var(--good);
    }
    :host([data-status='beta']) {
      background: var(--hint-surface);
      color: var(--hint);
    }
    :host([data-status='deprecated']) {
      background: var(--warn-surface);
      color: var(--warn);
    }
  `,
  host: { '[attr.data-status]': 'status()' },
})
export class StatusChipComponent {
  readonly status = input.required<string>();
}

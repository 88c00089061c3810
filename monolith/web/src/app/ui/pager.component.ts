import { Component, input, output } from '@angular/core';
import { MatIcon } from '@angular/material/icon';

/** Previous and next for lists that are read by cursor. */
@Component({
  selector: 'app-pager',
  imports: [MatIcon],
  template: `
    <nav [attr.aria-label]="'Pages of ' + of()">
      <button type="button" [disabled]="page() === 1" (click)="previous.emit()">
        <mat-icon svgIcon="chevron_left" />Previous
      </button>
      <span>Page {{ page() }} of {{ pages() }}</span>
      <button type="button" [disabled]="!hasNext()" (click)="next.emit()">
        Next<mat-icon svgIcon="chevron_right" />
      </button>
    </nav>
  `,
  styles: `
    nav {
      display: flex;
      align-items: center;
      justify-content: center;
      gap: 16px;
      margin-top: 24px;
      font-variant-numeric: tabular-nums;
      color: var(--mat-sys-on-surface-variant);
    }
    button {
      display: inline-flex;
      align-items: center;
      gap: 4px;
      height: 40px;
      padding-inline: 14px;
      border: 1px solid var(--mat-sys-outline-variant);
      border-radius: 99px;
      background: none;
      font: inherit;
      font-weight: 550;
      color: var(--mat-sys-primary);
      cursor: pointer;
    }
    button:hover:enabled {
      background: var(--mat-sys-surface-container-high);
    }
    button:disabled {
      color: var(--mat-sys-on-surface-variant);
      opacity: 0.5;
      cursor: default;
    }
  `,
})
export class PagerComponent {
  readonly page = input.required<number>();
  readonly pages = input.required<number>();
  readonly hasNext = input.required<boolean>();
  readonly of = input.required<string>();
  readonly next = output();
  readonly previous = output();
}

import { DecimalPipe } from '@angular/common';
import { Component, computed, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { MatButton } from '@angular/material/button';
import { MatButtonToggle, MatButtonToggleGroup } from '@angular/material/button-toggle';
import {
  MAT_DIALOG_DATA,
  MatDialogActions,
  MatDialogClose,
  MatDialogContent,
  MatDialogRef,
  MatDialogTitle,
} from '@angular/material/dialog';
import { MatFormField, MatLabel } from '@angular/material/form-field';
import { MatInput } from '@angular/material/input';
import { problemOf } from '../services/api-problem';
import type { InventoryApiService } from '../services/inventory-api.service';
import type { InventoryItem } from '../types/inventory.types';

type Way = 'receipt' | 'issue' | 'count';

export interface AdjustStockData {
  readonly item: InventoryItem;
  readonly api: InventoryApiService;
}

/** Dialog that records one stock movement. Closes with `true` when it was recorded. */
@Component({
  selector: 'app-adjust-stock',
  imports: [
    DecimalPipe, FormsModule, MatButton, MatButtonToggle, MatButtonToggleGroup, MatDialogActions, MatDialogClose,
    MatDialogContent, MatDialogTitle, MatFormField, MatLabel, MatInput,
  ], // prettier-ignore
  template: `
    <form (ngSubmit)="save()">
      <h2 matDialogTitle>Adjust stock</h2>
      <mat-dialog-content>
        <p>{{ item.name }}: {{ item.quantity | number }} in stock</p>
        <mat-button-toggle-group
          aria-label="What happened"
          [value]="way()"
          (change)="way.set($event.value)"
          hideSingleSelectionIndicator
        >
          <mat-button-toggle value="receipt">Received</mat-button-toggle>
          <mat-button-toggle value="issue">Taken out</mat-button-toggle>
          <mat-button-toggle value="count">Counted</mat-button-toggle>
        </mat-button-toggle-group>
        <mat-form-field appearance="outline">
          <mat-label>{{ way() === 'count' ? 'Pieces on the shelf' : 'Pieces' }}</mat-label>
          <input
            matInput
            name="pieces"
            type="number"
            inputmode="numeric"
            min="0"
            step="1"
            required
            [ngModel]="pieces()"
            (ngModelChange)="pieces.set($event)"
          />
        </mat-form-field>
        <mat-form-field appearance="outline">
          <mat-label>Reason (optional)</mat-label>
          <input
            matInput
            name="reason"
            maxlength="500"
            [ngModel]="reason()"
            (ngModelChange)="reason.set($event)"
          />
        </mat-form-field>
        <p class="after" aria-live="polite">
          @if (change() !== 0) {
            New stock: <strong>{{ item.quantity + change() | number }}</strong> ({{ change() > 0 ? '+' : '−'
            }}{{ abs(change()) | number }})
          } @else {
            &nbsp;
          }
        </p>
        @if (problem(); as text) {
          <p class="problem" role="alert">{{ text }}</p>
        }
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button matButton type="button" matDialogClose>Cancel</button>
        <button matButton="filled" type="submit" [disabled]="change() === 0 || saving()">Record</button>
      </mat-dialog-actions>
    </form>
  `,
  styles: `
    mat-dialog-content {
      display: grid;
      gap: 12px;
    }
    p {
      margin: 0;
    }
    mat-form-field {
      margin-top: 4px;
    }
    .problem {
      color: var(--mat-sys-error);
    }
  `,
})
export class AdjustStockComponent {
  private readonly data = inject<AdjustStockData>(MAT_DIALOG_DATA);
  private readonly dialog = inject(MatDialogRef<AdjustStockComponent, boolean>);

  protected readonly item = this.data.item;
  protected readonly way = signal<Way>('receipt');
  protected readonly pieces = signal<number | null>(null);
  protected readonly reason = signal('');
  protected readonly saving = signal(false);
  protected readonly problem = signal<string | null>(null);
  protected readonly abs = Math.abs;

  /** Pieces in (positive) or out (negative); 0 while there is nothing to record. */
  protected readonly change = computed(() => {
    const pieces = this.pieces();
    if (pieces === null || !Number.isInteger(pieces) || pieces < 0) return 0;
    const way = this.way();
    return way === 'receipt' ? pieces : way === 'issue' ? -pieces : pieces - this.item.quantity;
  });

  protected save(): void {
    const way = this.way();
    if (this.change() === 0 || this.saving()) return;
    this.saving.set(true);
    this.problem.set(null);
    const kind = way === 'count' ? 'correction' : way;
    this.data.api
      .adjust(this.item.id, { change: this.change(), kind, reason: this.reason().trim() })
      .subscribe({
        next: () => this.dialog.close(true),
        error: (error: unknown) => {
          this.problem.set(problemOf(error).detail);
          this.saving.set(false);
        },
      });
  }
}

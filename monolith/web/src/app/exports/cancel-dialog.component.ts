import { Component, inject } from '@angular/core';
import { MatButton } from '@angular/material/button';
import {
  MAT_DIALOG_DATA,
  MatDialogActions,
  MatDialogClose,
  MatDialogContent,
  MatDialogTitle,
} from '@angular/material/dialog';

/** Asks before an export is cancelled. Closes with `true`, or with nothing. */
@Component({
  selector: 'app-cancel-dialog',
  imports: [MatButton, MatDialogActions, MatDialogClose, MatDialogContent, MatDialogTitle],
  template: `
    <h2 matDialogTitle>Cancel the export of {{ data.toolId }}?</h2>
    <mat-dialog-content>
      <p>Every change that the export has made is rolled back. The tool stays in the monolith.</p>
    </mat-dialog-content>
    <mat-dialog-actions align="end">
      <button matButton type="button" matDialogClose>Keep exporting</button>
      <button matButton="filled" type="button" [matDialogClose]="true">Cancel the export</button>
    </mat-dialog-actions>
  `,
})
export class CancelDialogComponent {
  protected readonly data = inject<{ readonly toolId: string }>(MAT_DIALOG_DATA);
}

import { DecimalPipe } from '@angular/common';
import { Component, DOCUMENT, computed, inject, input } from '@angular/core';
import { MatAnchor } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { RouterLink } from '@angular/router';
import type { ExportSummary } from '#contracts/job';
import { openAddress } from '../tools/open-address';
import { DurationPipe } from '../ui/time';

/** What a completed export has made, how it was checked, and the way back. */
@Component({
  selector: 'app-job-result',
  imports: [DecimalPipe, DurationPipe, MatAnchor, MatIcon, RouterLink],
  templateUrl: './job-result.component.html',
  styleUrl: './job-result.component.scss',
})
export class JobResultComponent {
  readonly toolId = input.required<string>();
  readonly summary = input.required<ExportSummary>();
  /** Milliseconds of the export's own work; `null`: unknown. */
  readonly tookMs = input.required<number | null>();
  /** Whether a rollback is possible. */
  readonly undoable = input.required<boolean>();

  private readonly location = inject(DOCUMENT).location;
  protected readonly webAddress = computed(() => openAddress(this.summary().webUrl, this.location));
  protected readonly wayBack = computed(() => {
    if (!this.undoable()) return 'None: the export was completed for good.';
    return this.summary().cutover === 'live'
      ? 'Roll back moves the tool into the monolith, with all data written since.'
      : 'Roll back moves the tool, and its new data if you choose, into the monolith.';
  });
}

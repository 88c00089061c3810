import { Component, computed, input, linkedSignal } from '@angular/core';
import type { ScaffoldPreview } from './scaffold-api';

type File = ScaffoldPreview['files'][number];

/** Files of a tool that is not written yet: a list, and the text of the chosen one. */
@Component({
  selector: 'app-files',
  template: `
    <h2>{{ files().length }} files</h2>
    <div class="list" role="listbox" aria-label="Files" tabindex="0" (keydown)="move($event)">
      @for (file of files(); track file.path) {
        <button
          type="button"
          role="option"
          tabindex="-1"
          [attr.aria-selected]="file.path === chosen()"
          (click)="chosen.set(file.path)"
        >
          {{ file.path }}
        </button>
      }
    </div>
    <pre tabindex="0" [attr.aria-label]="chosen()">{{ text() }}</pre>
  `,
  styles: `
    :host {
      display: grid;
      gap: 10px;
    }
    .list {
      display: grid;
      max-height: 220px;
      overflow: auto;
      padding: 6px;
      border: 1px solid var(--mat-sys-outline-variant);
      border-radius: 12px;
    }
    button {
      padding: 4px 10px;
      border: 0;
      border-radius: 8px;
      background: none;
      color: inherit;
      text-align: start;
      font-family: ui-monospace, 'DejaVu Sans Mono', monospace;
      font-size: 0.8125rem;
      overflow-wrap: anywhere;
      cursor: pointer;
    }
    button:hover {
      background: var(--mat-sys-surface-container-high);
    }
    [aria-selected='true'] {
      background: var(--mat-sys-secondary-container);
      color: var(--mat-sys-on-secondary-container);
    }
    pre {
      height: 380px;
      font-size: 0.8125rem;
    }
  `,
})
export class FilesComponent {
  readonly files = input.required<readonly File[]>();
  /** Stays where it is while the reader types, as long as the file is there. */
  protected readonly chosen = linkedSignal<readonly File[], string>({
    source: this.files,
    computation: (files, previous) =>
      files.find(({ path }) => path === previous?.value)?.path ??
      files.find(({ path }) => path.endsWith('/manifest.json'))?.path ??
      files[0]?.path ??
      '',
  });
  protected readonly text = computed(
    () => this.files().find(({ path }) => path === this.chosen())?.after ?? '',
  );

  protected move(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = this.files().findIndex(({ path }) => path === this.chosen());
    const next = this.files()[at + step];
    if (next !== undefined) this.chosen.set(next.path);
  }
}

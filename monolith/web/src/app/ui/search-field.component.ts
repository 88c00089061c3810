import { Component, input } from '@angular/core';
import { outputFromObservable } from '@angular/core/rxjs-interop';
import { MatIcon } from '@angular/material/icon';
import { Subject, debounceTime, map } from 'rxjs';

/** Long enough to swallow the letters of a word, short enough to feel immediate. */
const PAUSE_MS = 200;

/** A list's search: says what was typed once the reader pauses. */
@Component({
  selector: 'app-search-field',
  imports: [MatIcon],
  template: `
    <label class="search">
      <mat-icon svgIcon="search" />
      <span class="visually-hidden">{{ label() }}</span>
      <input
        #search
        type="search"
        autocomplete="off"
        [placeholder]="hint()"
        [value]="value()"
        (input)="typed.next(search.value)"
      />
    </label>
  `,
  styles: `
    :host {
      display: contents;
    }
  `,
})
export class SearchFieldComponent {
  readonly label = input.required<string>();
  readonly hint = input.required<string>();
  readonly value = input.required<string>();

  protected readonly typed = new Subject<string>();
  readonly searched = outputFromObservable(
    this.typed.pipe(
      debounceTime(PAUSE_MS),
      map((text) => text.trim()),
    ),
  );
}

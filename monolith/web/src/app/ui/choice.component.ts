import { Component, input, output } from '@angular/core';

export interface Option {
  readonly value: string;
  readonly title: string;
}

/** One filter of a list: a name and a select, the browser's own. */
@Component({
  selector: 'app-choice',
  template: `
    <label>
      <span>{{ label() }}</span>
      <select #chosen (change)="changed.emit(chosen.value)">
        @for (option of options(); track option.value) {
          <option [value]="option.value" [selected]="option.value === value()">{{ option.title }}</option>
        }
      </select>
    </label>
  `,
  styles: `
    :host {
      display: contents;
    }
  `,
})
export class ChoiceComponent {
  readonly label = input.required<string>();
  readonly options = input.required<readonly Option[]>();
  readonly value = input.required<string>();
  readonly changed = output<string>();
}

/** `rolled_back` as a reader sees it: `Rolled back`. */
export function optionOf(value: string): Option {
  const text = value.replaceAll('_', ' ');
  return { value, title: text.slice(0, 1).toUpperCase() + text.slice(1) };
}

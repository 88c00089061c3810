import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import { hasToolIcon } from './icons';

/** A tool's icon on a tile whose colour comes from its id; a monogram where the icon is not known. */
@Component({
  selector: 'app-tool-icon',
  imports: [MatIcon],
  template: `
    @if (drawn()) {
      <mat-icon [svgIcon]="'tool:' + icon()" />
    } @else {
      <span aria-hidden="true">{{ monogram() }}</span>
    }
  `,
  styles: `
    :host {
      display: inline-grid;
      place-content: center;
      flex: none;
      width: var(--tile, 44px);
      height: var(--tile, 44px);
      border-radius: 28%;
      background: light-dark(oklch(0.93 0.05 var(--hue)), oklch(0.33 0.07 var(--hue)));
      color: light-dark(oklch(0.42 0.14 var(--hue)), oklch(0.88 0.09 var(--hue)));
      font-weight: 650;
      letter-spacing: -0.02em;
    }
    mat-icon {
      width: calc(var(--tile, 44px) * 0.54);
      height: calc(var(--tile, 44px) * 0.54);
    }
  `,
  host: { '[style.--hue]': 'hue()' },
})
export class ToolIconComponent {
  readonly toolId = input.required<string>();
  readonly name = input.required<string>();
  readonly icon = input('');

  protected readonly drawn = computed(() => hasToolIcon(this.icon()));
  protected readonly monogram = computed(() => monogramOf(this.name()));
  protected readonly hue = computed(() => hueOf(this.toolId()));
}

function monogramOf(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  return words
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 32).toUpperCase())
    .join('');
}

function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) % 360;
  return hash;
}

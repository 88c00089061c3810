import { Component, computed, input, signal } from '@angular/core';

const paths = signal<Readonly<Record<string, string>>>({});
let asked = false;

/** Loads the drawings once, after the first paint: the page reads well without them. */
function load(): void {
  if (asked) return;
  asked = true;
  void import('./tool-icon-paths').then(({ TOOL_ICON_PATHS }) => paths.set(TOOL_ICON_PATHS));
}

/** A tool's icon on a tile whose colour comes from its id; a monogram where the icon is not known. */
@Component({
  selector: 'app-tool-icon',
  template: `
    @if (path(); as d) {
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path [attr.d]="d" /></svg>
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
    svg {
      width: calc(var(--tile, 44px) * 0.54);
      height: calc(var(--tile, 44px) * 0.54);
      fill: currentColor;
    }
  `,
  host: { '[style.--hue]': 'hue()' },
})
export class ToolIconComponent {
  readonly toolId = input.required<string>();
  readonly name = input.required<string>();
  readonly icon = input('');

  protected readonly path = computed(() => (this.icon() === '' ? undefined : paths()[this.icon()]));
  protected readonly monogram = computed(() => monogramOf(this.name()));
  protected readonly hue = computed(() => hueOf(this.toolId()));

  constructor() {
    load();
  }
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

import { Injectable, effect, signal } from '@angular/core';

export type ThemeChoice = 'system' | 'light' | 'dark';
const KEY = 'theme';

/** Light or dark: the system's choice until the reader makes one, which is kept on this machine. */
@Injectable({ providedIn: 'root' })
export class Theme {
  readonly choice = signal<ThemeChoice>(stored());

  constructor() {
    effect(() => {
      const choice = this.choice();
      const root = document.documentElement.classList;
      root.toggle('light', choice === 'light');
      root.toggle('dark', choice === 'dark');
      try {
        localStorage.setItem(KEY, choice);
      } catch {
        // a browser that keeps nothing still gets the colours for this page
      }
    });
  }

  /** Goes on to the next of system, light, dark. */
  next(): void {
    this.choice.update((now) => (now === 'system' ? 'light' : now === 'light' ? 'dark' : 'system'));
  }
}

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

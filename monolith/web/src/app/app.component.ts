import { Component, DOCUMENT, computed, inject, signal, viewChild, type ElementRef } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { MatIcon } from '@angular/material/icon';
import { NavigationEnd, Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { filter, map } from 'rxjs';
import { BRAND } from '#generated/tool-loaders';
import { PageTitle } from './core/page-title';
import { Session } from './core/session';
import { Theme } from './core/theme';
import { ToolSwitcherComponent } from './navigation/tool-switcher.component';
import type { IconName } from './ui/icons';

/** The frame around every page: navigation, search, theme and user menu. */
@Component({
  selector: 'app-root',
  imports: [RouterLink, RouterLinkActive, RouterOutlet, MatIcon, ToolSwitcherComponent],
  templateUrl: './app.component.html',
  styleUrl: './app.component.scss',
  host: { '(document:keydown)': 'press($event)' },
})
export class AppComponent {
  protected readonly theme = inject(Theme);
  protected readonly session = inject(Session);
  protected readonly title = inject(PageTitle);
  protected readonly brand = BRAND;
  private readonly router = inject(Router);
  private readonly document = inject(DOCUMENT);
  private readonly account = viewChild.required<ElementRef<HTMLDetailsElement>>('account');
  private opened = false;
  protected readonly switching = signal(false);
  protected readonly shortcut = navigator.platform.startsWith('Mac') ? '⌘ K' : 'Ctrl K';
  /** The current address, to return to after the sign-in. */
  protected readonly here = toSignal(
    this.router.events.pipe(
      filter((event) => event instanceof NavigationEnd),
      map((event) => event.urlAfterRedirects),
    ),
    { initialValue: '/tools' },
  );
  protected readonly themeIcon = computed<IconName>(() => {
    const choice = this.theme.choice();
    return choice === 'light' ? 'light_mode' : choice === 'dark' ? 'dark_mode' : 'contrast';
  });

  constructor() {
    const icon = this.document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon === null || BRAND.logo === icon.getAttribute('href')) return;
    icon.removeAttribute('type'); // that of the platform's own logo
    icon.href = BRAND.logo;
  }

  /** Moves the keyboard focus to the new page, because the link that had it is gone. */
  protected arrive(main: HTMLElement): void {
    if (!this.opened) this.opened = true;
    else if (this.document.activeElement === this.document.body) main.focus({ preventScroll: true });
  }

  protected press(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.account().nativeElement.open = false;
    if (event.key !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    this.switching.set(true);
  }

  protected async signOut(): Promise<void> {
    const continueAt = await this.session.signOut();
    if (continueAt !== null) this.document.location.assign(continueAt);
    else await this.router.navigateByUrl('/sign-in');
  }
}

import { Injectable, inject, signal } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { TitleStrategy, type RouterStateSnapshot } from '@angular/router';
import { BRAND } from '#generated/tool-loaders';

/** Puts the page's own name first, so that tabs and screen readers tell them apart. */
@Injectable({ providedIn: 'root' })
export class PageTitle extends TitleStrategy {
  private readonly title = inject(Title);
  private first = true;
  /** What a screen reader is told after a change of pages: the browser says nothing of those without a reload. */
  readonly announced = signal('');

  override updateTitle(state: RouterStateSnapshot): void {
    const page = this.buildTitle(state);
    this.title.setTitle(page === undefined ? BRAND.title : `${page} · ${BRAND.title}`);
    if (!this.first) this.announced.set(page ?? BRAND.title);
    this.first = false;
  }

  /** A page that knows its subject only later says it when it does. */
  name(page: string): void {
    this.title.setTitle(`${page} · ${BRAND.title}`);
  }
}

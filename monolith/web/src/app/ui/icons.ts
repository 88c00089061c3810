import { inject, provideAppInitializer } from '@angular/core';
import { MatIconRegistry } from '@angular/material/icon';
import { DomSanitizer } from '@angular/platform-browser';
import SHELL_ICONS from './icons.json';
import TOOL_ICONS from './tool-icons.json';

export type IconName = keyof typeof SHELL_ICONS;

/** False for a name that is valid in a manifest, but has no icon here. */
export const hasToolIcon = (name: string): boolean => Object.hasOwn(TOOL_ICONS, name);

/**
 * Registers path data from Google's Material icons (Apache License 2.0), 24 by 24: the shell's own icons, and in the
 * namespace `tool` those that a manifest may name. Angular's sanitizer removes SVG, so these literals bypass it.
 */
export const provideIcons = () =>
  provideAppInitializer(() => {
    const registry = inject(MatIconRegistry);
    const sanitizer = inject(DomSanitizer);
    for (const [namespace, icons] of Object.entries({ '': SHELL_ICONS, tool: TOOL_ICONS }))
      for (const [name, path] of Object.entries(icons)) {
        const svg = sanitizer.bypassSecurityTrustHtml(`<svg viewBox="0 0 24 24"><path d="${path}"/></svg>`);
        registry.addSvgIconLiteralInNamespace(namespace, name, svg);
      }
  });

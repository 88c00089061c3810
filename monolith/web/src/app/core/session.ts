import { HttpClient } from '@angular/common/http';
import { Injectable, computed, inject, signal } from '@angular/core';
import { firstValueFrom } from 'rxjs';

/** The signed-in user, and how to sign in on this platform. */
export interface SessionInfo {
  readonly mode: 'development' | 'production';
  readonly principal: { readonly subject: string; readonly permissions: readonly string[] } | null;
  /** True when the principal comes from a sign-in, false when development mode lends one. */
  readonly signedIn: boolean;
  /** When the sign-in ends by itself; `null` without one. */
  readonly expiresAt: string | null;
  /** `host`: at the application that the platform is part of. */
  readonly signIn: 'development' | 'oidc' | 'host' | 'none';
}

/** A browser's timer with a longer delay fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const ANONYMOUS: SessionInfo = {
  mode: 'production',
  principal: null,
  signedIn: false,
  expiresAt: null,
  signIn: 'none',
};

/** The session of this page. The token itself lives in a cookie that no script can read. */
@Injectable({ providedIn: 'root' })
export class Session {
  private readonly http = inject(HttpClient);
  private readonly current = signal<SessionInfo>(ANONYMOUS);

  readonly info = this.current.asReadonly();
  readonly principal = computed(() => this.current().principal);
  readonly signedIn = computed(() => this.current().signedIn);
  /** The sign-in expired while the page was open. */
  readonly ended = signal(false);
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Reads the session from the server. Never rejects: without an answer the user counts as signed out. */
  async load(): Promise<void> {
    const before = this.signedIn();
    try {
      this.current.set(await firstValueFrom(this.http.get<SessionInfo>('/api/session')));
    } catch {
      if (before) return; // an unreachable platform does not end the sign-in
      this.current.set(ANONYMOUS);
    }
    this.ended.set(before && !this.signedIn());
    this.wake();
  }

  /** Signs in with development mode's one click. */
  async signInForDevelopment(subject: string, permissions: readonly string[]): Promise<void> {
    await firstValueFrom(this.http.post('/api/session', { subject, permissions }));
    await this.load();
  }

  /** Returns the address where the provider signs the user out, too; `null`: the user is signed out. */
  async signOut(): Promise<string | null> {
    const { continueAt } = await firstValueFrom(
      this.http.delete<{ readonly continueAt: string | null }>('/api/session'),
    );
    this.current.update((info) => ({ ...info, signedIn: false }));
    await this.load();
    return continueAt;
  }

  /** Reads the session again when the sign-in expires. */
  private wake(): void {
    clearTimeout(this.timer);
    const { expiresAt } = this.current();
    if (expiresAt === null) return;
    const left = Date.parse(expiresAt) - Date.now() + 1000;
    this.timer = setTimeout(() => void this.load(), Math.min(Math.max(left, 1000), LONGEST_TIMER_MS));
  }

  may(permission: string): boolean {
    const held = this.principal()?.permissions ?? [];
    return held.includes('*') || held.includes(permission);
  }

  /**
   * Whether a tool that declares these permissions may be opened: one that reads is enough; where a tool
   * declares none that reads, any of them; a tool without permissions is open to all.
   */
  mayOpen(permissions: readonly string[]): boolean {
    const needed = permissionsToOpen(permissions);
    return needed.length === 0 || needed.some((permission) => this.may(permission));
  }
}

/** The permissions of which one is needed to open a tool. */
export function permissionsToOpen(permissions: readonly string[]): readonly string[] {
  const reading = permissions.filter((permission) => /:(read|view|list)$/.test(permission));
  return reading.length > 0 ? reading : permissions;
}

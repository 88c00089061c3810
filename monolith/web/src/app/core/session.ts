import { HttpClient } from '@angular/common/http';
import { Injectable, computed, inject, signal } from '@angular/core';
import { firstValueFrom } from 'rxjs';

/** Who is looking, and how one signs in on this platform. */
export interface SessionInfo {
  readonly mode: 'development' | 'production';
  readonly principal: { readonly subject: string; readonly permissions: readonly string[] } | null;
  /** True when the principal comes from a sign-in, false when development mode lends one. */
  readonly signedIn: boolean;
  /** When the sign-in ends by itself; `null` without one. */
  readonly expiresAt: string | null;
  readonly signIn: 'development' | 'oidc' | 'none';
}

/** Beyond this a browser's timer goes off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const NOBODY: SessionInfo = {
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
  private readonly current = signal<SessionInfo>(NOBODY);

  readonly info = this.current.asReadonly();
  readonly principal = computed(() => this.current().principal);
  readonly signedIn = computed(() => this.current().signedIn);
  /** The sign-in has run out while the page was open. */
  readonly ended = signal(false);
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Asks the server who is looking. Never rejects: without an answer nobody is. */
  async load(): Promise<void> {
    const before = this.signedIn();
    try {
      this.current.set(await firstValueFrom(this.http.get<SessionInfo>('/api/session')));
    } catch {
      if (before) return; // the platform is away, which ends nobody's sign-in
      this.current.set(NOBODY);
    }
    this.ended.set(before && !this.signedIn());
    this.wake();
  }

  /** Signs in with development mode's one click. */
  async signInForDevelopment(subject: string, permissions: readonly string[]): Promise<void> {
    await firstValueFrom(this.http.post('/api/session', { subject, permissions }));
    await this.load();
  }

  /** Gives the address where the provider signs the reader out, too; `null`: it is done. */
  async signOut(): Promise<string | null> {
    const { continueAt } = await firstValueFrom(
      this.http.delete<{ readonly continueAt: string | null }>('/api/session'),
    );
    this.current.update((info) => ({ ...info, signedIn: false }));
    await this.load();
    return continueAt;
  }

  /** Looks again at the moment at which the sign-in ends. */
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

import { Injectable, inject, signal } from '@angular/core';
import { environment } from '../environments/environment';
import { RUNTIME_CONFIG } from './runtime-config';

/** Asked again this long before a token ends, so that none ends on its way. */
const RENEW_BEFORE_MS = 30_000;
/** Trusted this long when the platform does not say how long a token lives. */
const DEFAULT_LIFETIME_S = 60;

interface Token {
  readonly value: string | null;
  readonly renewAt: number;
}

/**
 * Takes over the platform's session. The platform keeps it in a cookie that scripts cannot read; this asks
 * the platform for short-lived access tokens, valid at this tool's service only, and holds the latest in memory, never in the browser's storage.
 */
@Injectable({ providedIn: 'root' })
export class Session {
  readonly #platformUrl = inject(RUNTIME_CONFIG).platformUrl;
  #token: Promise<Token> | null = null;

  /** Where to sign in, once the platform has said that there is no session. */
  readonly signInUrl = signal<string | null>(null);

  /** An access token, or `null` where the platform hands out none (development, no session). Never rejects. */
  async token(): Promise<string | null> {
    const held = await this.#token;
    if (held !== null && held !== undefined && Date.now() < held.renewAt) return held.value;
    return this.renew();
  }

  /** Asks for a new token, whatever is held. Callers at the same time share one request. */
  async renew(): Promise<string | null> {
    const asked = (this.#token = this.#fetchToken());
    return (await asked).value;
  }

  /** The service has refused even a new token. */
  ended(): void {
    const back = window.location.pathname + window.location.search;
    this.signInUrl.set(`${this.#platformUrl}/auth/sign-in?to=${encodeURIComponent(back)}`);
  }

  async #fetchToken(): Promise<Token> {
    const none = { value: null, renewAt: Date.now() + DEFAULT_LIFETIME_S * 1000 };
    try {
      const response = await fetch(`${this.#platformUrl}/api/session/token?tool=${environment.toolId}`, {
        credentials: 'include',
        headers: { accept: 'application/json' },
        cache: 'no-store',
      });
      if (!response.ok) return none;
      const body = (await response.json()) as { accessToken?: unknown; expiresIn?: unknown };
      if (typeof body.accessToken !== 'string') return none;
      const lifetime = typeof body.expiresIn === 'number' ? body.expiresIn : DEFAULT_LIFETIME_S;
      this.signInUrl.set(null);
      return { value: body.accessToken, renewAt: Date.now() + lifetime * 1000 - RENEW_BEFORE_MS };
    } catch {
      return none; // the platform is away: the service decides what a caller without a token may do
    }
  }
}

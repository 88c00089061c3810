import { Component, computed, inject, input, signal } from '@angular/core';
import { MatAnchor, MatButton } from '@angular/material/button';
import { Router } from '@angular/router';
import { problemOf } from './problem';
import { Session } from './session';

const PROBLEMS: Readonly<Record<string, string>> = {
  provider: 'The sign-in service does not answer. Try again in a moment.',
  expired: 'This sign-in took too long, or was started in another browser. Start again.',
  refused: 'The sign-in service denied access.',
};

const ROLES = [
  { subject: 'developer', title: 'Developer', text: 'full access', permissions: ['*'] },
  {
    subject: 'viewer',
    title: 'Viewer',
    text: 'read-only access',
    permissions: ['tools:read'],
  },
] as const;

/** One click while developing; the organisation's own sign-in in production. */
@Component({
  selector: 'app-sign-in-page',
  imports: [MatAnchor, MatButton],
  template: `
    <section class="s-panel">
      <h1>Sign in</h1>
      @if (problemText(); as text) {
        <p class="problem" role="alert">{{ text }}</p>
      }
      @switch (session.info().signIn) {
        @case ('development') {
          <p>The platform runs in development mode on this machine: choose who you want to be.</p>
          @for (role of roles; track role.subject) {
            <button
              matButton="outlined"
              type="button"
              [disabled]="busy()"
              (click)="signIn(role.subject, role.permissions)"
            >
              {{ role.title }}<span class="hint"> {{ role.text }}</span>
            </button>
          }
          <form (submit)="$event.preventDefault(); signIn('guest', permissions.value.split(' '))">
            <label>
              <span>Or with these permissions</span>
              <input
                #permissions
                placeholder="inventory:read tools:write"
                autocomplete="off"
                spellcheck="false"
              />
            </label>
            <button matButton="tonal" type="submit" [disabled]="busy()">Sign in</button>
          </form>
        }
        @case ('oidc') {
          <p>Sign in with your organisation. Afterwards, you return to the page you came from.</p>
          <a matButton="filled" [href]="'/auth/sign-in?to=' + encoded()">Continue</a>
        }
        @case ('host') {
          <p>Sign in to the application that this platform is part of. Then open this page again.</p>
          <a matButton="filled" href="/">Open the application</a>
        }
        @default {
          <p>
            This platform has no sign-in set up: it can be read from its own machine, and changed with a token
            from
            <code>npm run token</code>. Set <code>OIDC_ISSUER</code> to enable sign-in.
          </p>
        }
      }
    </section>
  `,
  styles: `
    section {
      display: grid;
      gap: 12px;
      max-width: 460px;
      margin: 6vh auto 0;
      padding: 28px;
    }
    p {
      margin: 0;
      color: var(--mat-sys-on-surface-variant);
    }
    .problem {
      color: var(--bad);
    }
    .hint {
      font-weight: 400;
      color: var(--mat-sys-on-surface-variant);
    }
    form,
    label {
      display: grid;
      gap: 6px;
    }
    form {
      grid-template-columns: 1fr auto;
      align-items: end;
      margin-top: 8px;
    }
    label span {
      font-size: 0.8125rem;
      color: var(--mat-sys-on-surface-variant);
    }
    input {
      height: 40px;
      min-width: 0;
      padding-inline: 12px;
      border: 1px solid var(--mat-sys-outline);
      border-radius: 8px;
      background: none;
      color: inherit;
      font: inherit;
    }
  `,
})
export class SignInPage {
  /** From the address: where to go afterwards, and what went wrong before. */
  readonly to = input<string>();
  readonly problem = input<string>();

  private readonly router = inject(Router);
  protected readonly session = inject(Session);
  protected readonly roles = ROLES;
  protected readonly busy = signal(false);
  private readonly failed = signal<string | null>(null);
  protected readonly problemText = computed(() => this.failed() ?? PROBLEMS[this.problem() ?? ''] ?? null);
  protected readonly encoded = computed(() => encodeURIComponent(this.to() ?? '/tools'));

  protected async signIn(subject: string, permissions: readonly string[]): Promise<void> {
    this.busy.set(true);
    try {
      await this.session.signInForDevelopment(subject, permissions);
      await this.router.navigateByUrl(
        this.to()?.startsWith('/') === true ? (this.to() ?? '/tools') : '/tools',
      );
    } catch (error) {
      this.failed.set(problemOf(error).detail);
      this.busy.set(false);
    }
  }
}

import { Component, computed, inject, input } from '@angular/core';
import { MatAnchor } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { Session } from './session';

/** Names the missing permission and the way to get it. */
@Component({
  selector: 'app-forbidden-page',
  imports: [MatAnchor, RouterLink],
  template: `
    <div class="s-notice">
      <h1>You may not open {{ tool() ?? 'this page' }}</h1>
      <p>
        {{
          session.principal()
            ? 'You are signed in as ' + session.principal()?.subject
            : 'You are not signed in'
        }}. It needs
        @for (permission of needed(); track permission) {
          <code>{{ permission }}</code>{{ $last ? ', which' : ' or ' }}
        }
        the owner of the tool can give you.
      </p>
      <div class="s-buttons">
        <a matButton="filled" routerLink="/tools">All tools</a>
        <a
          matButton="outlined"
          routerLink="/sign-in"
          [queryParams]="{ to: tool() ? '/tools/' + tool() : '/tools' }"
        >
          Sign in as another user
        </a>
      </div>
    </div>
  `,
})
export class ForbiddenPage {
  /** From the address. */
  readonly tool = input<string>();
  readonly needs = input<string>();
  protected readonly session = inject(Session);
  protected readonly needed = computed(() => (this.needs() ?? 'a permission').split(' '));
}

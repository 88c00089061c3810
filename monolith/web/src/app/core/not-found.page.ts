import { Component } from '@angular/core';
import { MatAnchor } from '@angular/material/button';
import { RouterLink } from '@angular/router';

@Component({
  selector: 'app-not-found-page',
  imports: [MatAnchor, RouterLink],
  template: `
    <div class="s-notice">
      <h1>There is nothing at this address</h1>
      <p>The page may have moved, or the address has a typing mistake.</p>
      <a matButton="outlined" routerLink="/tools">All tools</a>
    </div>
  `,
})
export class NotFoundPage {}

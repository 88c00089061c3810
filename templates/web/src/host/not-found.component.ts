import { ChangeDetectionStrategy, Component } from '@angular/core';

@Component({
  selector: 'app-not-found',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<h1>Nothing here</h1>
    <p>This address leads to no page of the tool. <a href="./">Go to its first page</a>.</p>`,
})
export class NotFoundComponent {}

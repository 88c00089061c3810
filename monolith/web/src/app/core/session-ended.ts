import { HttpErrorResponse, type HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { Router } from '@angular/router';
import { tap } from 'rxjs';
import { Session } from './session';

/**
 * Handles 401 answers: an expired sign-in is shown in the page's frame; a user who was never signed in is sent to the
 * sign-in page.
 */
export const noticeEndOfSession: HttpInterceptorFn = (request, next) => {
  const [session, router] = [inject(Session), inject(Router)];
  return next(request).pipe(
    tap({
      error: (error: unknown) => {
        if (!(error instanceof HttpErrorResponse) || error.status !== 401) return;
        if (session.signedIn()) void session.load();
        else if (!session.ended() && ['oidc', 'host'].includes(session.info().signIn))
          void router.navigate(['/sign-in'], { queryParams: { to: router.url }, replaceUrl: true });
      },
    }),
  );
};

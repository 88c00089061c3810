import { HttpErrorResponse, type HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { Router } from '@angular/router';
import { tap } from 'rxjs';
import { Session } from './session';

/**
 * A request that is refused for want of a reader: the sign-in has run out, which the frame of the page tells, or there
 * was none, and the reader is led to it.
 */
export const noticeEndOfSession: HttpInterceptorFn = (request, next) => {
  const [session, router] = [inject(Session), inject(Router)];
  return next(request).pipe(
    tap({
      error: (error: unknown) => {
        if (!(error instanceof HttpErrorResponse) || error.status !== 401) return;
        if (session.signedIn()) void session.load();
        else if (!session.ended() && session.info().signIn === 'oidc')
          void router.navigate(['/sign-in'], { queryParams: { to: router.url }, replaceUrl: true });
      },
    }),
  );
};

import { HttpErrorResponse, type HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { catchError, from, switchMap, throwError } from 'rxjs';
import { RUNTIME_CONFIG } from './runtime-config';
import { Session } from './session';

/**
 * Sends the session's token to this tool's own service only. A 401 is tried once more with a
 * new token: the platform may have changed its keys.
 */
export const bearerToken: HttpInterceptorFn = (request, next) => {
  const session = inject(Session);
  if (!isBelow(request.url, inject(RUNTIME_CONFIG).apiUrl)) return next(request);
  const send = (token: string | null) =>
    next(token === null ? request : request.clone({ setHeaders: { authorization: `Bearer ${token}` } }));
  return from(session.token()).pipe(
    switchMap(send),
    catchError((error: unknown) => {
      if (!isUnauthenticated(error)) return throwError(() => error);
      return from(session.renew()).pipe(
        switchMap((token) => (token === null ? throwError(() => error) : send(token))),
        catchError((second: unknown) => {
          if (isUnauthenticated(second)) session.ended();
          return throwError(() => second);
        }),
      );
    }),
  );
};

const isUnauthenticated = (error: unknown): boolean =>
  error instanceof HttpErrorResponse && error.status === 401;

/** Compares whole addresses, so that `/api/crm-evil` is not below `/api/crm`. */
function isBelow(url: string, base: string): boolean {
  const address = new URL(url, document.baseURI);
  const parent = new URL(base, document.baseURI);
  return (
    address.origin === parent.origin &&
    (address.pathname === parent.pathname || address.pathname.startsWith(`${parent.pathname}/`))
  );
}

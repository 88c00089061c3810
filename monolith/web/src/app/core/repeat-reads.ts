import { HttpErrorResponse, type HttpInterceptorFn } from '@angular/common/http';
import { retry, throwError, timer, type Observable } from 'rxjs';

const TIMES = 2;
const PAUSE_MS = 300;

/**
 * Retries reads that did not reach a server. Browsers abort requests whenever a network interface appears or disappears,
 * which happens when an export starts containers on the same machine.
 */
export const repeatReads: HttpInterceptorFn = (request, next) => {
  if (request.method !== 'GET') return next(request);
  const delay = (error: unknown): Observable<number> =>
    error instanceof HttpErrorResponse && error.status === 0 ? timer(PAUSE_MS) : throwError(() => error);
  return next(request).pipe(retry({ count: TIMES, delay }));
};

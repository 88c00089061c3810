import { HttpErrorResponse, type HttpInterceptorFn } from '@angular/common/http';
import { retry, throwError, timer, type Observable } from 'rxjs';

const TIMES = 2;
const PAUSE_MS = 300;

/**
 * Reads that never reached a server are asked again. Browsers drop what they are loading whenever a network comes or goes
 * on their machine, as it does when containers start: an export into containers is such a moment.
 */
export const repeatReads: HttpInterceptorFn = (request, next) => {
  if (request.method !== 'GET') return next(request);
  const delay = (error: unknown): Observable<number> =>
    error instanceof HttpErrorResponse && error.status === 0 ? timer(PAUSE_MS) : throwError(() => error);
  return next(request).pipe(retry({ count: TIMES, delay }));
};

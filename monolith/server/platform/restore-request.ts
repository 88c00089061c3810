import type { IncomingMessage, ServerResponse } from 'node:http';

/** What an Express application sets on a request, beside its prototype. */
const OF_EXPRESS = ['baseUrl', 'body', 'next', 'originalUrl', 'params', 'query', 'res', 'route', 'url'];
/** What the routes of another application must not see: its parsers have other rules. */
const OF_ROUTES = ['body', 'params', 'query', 'route'];

/**
 * Prepares a request for another Express application, whatever version the first one has. The result undoes it, so that the
 * handlers behind find the request as it was: Express does so for applications that it mounts itself.
 */
export function lendRequest(request: IncomingMessage, response: ServerResponse): () => void {
  const lent = [request, response].map((of): [object, object] => [of, Object.getPrototypeOf(of) as object]);
  const owned = OF_EXPRESS.map((name) => [name, Object.getOwnPropertyDescriptor(request, name)] as const);
  const { headers } = request;
  for (const name of OF_ROUTES) Reflect.deleteProperty(request, name);
  return () => {
    for (const [of, prototype] of lent) Object.setPrototypeOf(of, prototype);
    for (const [name, descriptor] of owned)
      if (descriptor === undefined) Reflect.deleteProperty(request, name);
      else Object.defineProperty(request, name, descriptor);
    request.headers = headers;
  };
}

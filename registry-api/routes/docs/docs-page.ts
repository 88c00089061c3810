import type { Operation } from '../../http/operation.ts';

/** Swagger UI uses data: URLs for icons and sets style attributes; scripts load from this server only. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** @param base path that the addresses of the registry are below */
const page = (base: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Registry API</title>
    <link rel="stylesheet" href="${base}/docs/swagger-ui.css" />
    <link rel="icon" type="image/png" href="${base}/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="document"></div>
    <noscript>The document itself is at <a href="${base}/openapi.json">${base}/openapi.json</a>.</noscript>
    <script src="${base}/docs/swagger-ui-bundle.js"></script>
    <script src="${base}/docs/start.js"></script>
  </body>
</html>
`;

export const docsPageOperation: Operation = {
  id: 'docs',
  kind: 'stream',
  method: 'get',
  path: '/docs',
  tag: 'System',
  summary: 'Browse this document',
  access: 'open',
  responses: { 200: { description: 'An HTML page.', contentType: 'text/html' } },
  handle: ({ raw }, response) => {
    response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY).type('html').send(page(raw.baseUrl));
    return Promise.resolve();
  },
};

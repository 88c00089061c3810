import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createRequire } from 'node:module';
import type { Response } from 'express';
import { PlatformError } from '../../contracts/errors.ts';
import type { Operation } from '../http/operation.ts';

const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** Swagger UI draws its icons from data: addresses and sets style attributes; scripts come from here alone. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Registry API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="document"></div>
    <noscript>The document itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#document', deepLinking: true, validatorUrl: null });\n`;

/** The OpenAPI document and a page to read it with. Everything comes from this server. */
export function docsOperations(document: () => Readonly<Record<string, unknown>>): readonly Operation[] {
  return [
    {
      id: 'openapi',
      kind: 'read',
      method: 'get',
      path: '/openapi.json',
      tag: 'System',
      summary: 'This document',
      access: 'open',
      responses: { 200: { description: 'OpenAPI 3.1.', schema: 'OpenApi' } },
      handle: () =>
        Promise.resolve({ status: 200, headers: { 'Cache-Control': 'no-cache' }, body: document() }),
    },
    {
      id: 'docs',
      kind: 'stream',
      method: 'get',
      path: '/docs',
      tag: 'System',
      summary: 'This document, to browse',
      access: 'open',
      responses: { 200: { description: 'A page.', contentType: 'text/html' } },
      handle: (_request, response) => {
        response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY).type('html').send(PAGE);
        return Promise.resolve();
      },
    },
    {
      id: 'docsFile',
      kind: 'stream',
      method: 'get',
      path: '/docs/{file}',
      tag: 'System',
      summary: 'Parts of that page',
      access: 'open',
      responses: { 200: { description: 'A script, a style sheet or an icon.', contentType: '*/*' } },
      problems: [404],
      handle: ({ params }, response) => sendFile(params['file'] ?? '', response),
    },
  ];
}

async function sendFile(name: string, response: Response): Promise<void> {
  response.set('Cache-Control', 'public, max-age=3600');
  if (name === 'start.js') {
    response.type('js').send(START);
    return;
  }
  const type = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (type === undefined) throw new PlatformError('not-found', `There is no /docs/${name}.`);
  const folder = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  response.type(type);
  await pipeline(createReadStream(path.join(folder, name)), response);
}

import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { PlatformError } from '../../../contracts/errors.ts';
import type { Operation } from '../../http/operation.ts';

const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const START = `const { href: url } = new URL('../openapi.json', document.currentScript.src);
SwaggerUIBundle({ url, dom_id: '#document', deepLinking: true, validatorUrl: null });
`;

export const docsFileOperation: Operation = {
  id: 'docsFile',
  kind: 'stream',
  method: 'get',
  path: '/docs/{file}',
  tag: 'System',
  summary: 'Assets of the API browser',
  access: 'open',
  responses: { 200: { description: 'A script, a style sheet or an icon.', contentType: '*/*' } },
  problems: [404],
  handle: ({ params }, response) => sendFile(params['file'] ?? '', response),
};

async function sendFile(name: string, response: Response): Promise<void> {
  response.set('Cache-Control', 'public, max-age=3600');
  if (name === 'start.js') {
    response.type('js').send(START);
    return;
  }
  const type = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (type === undefined) throw new PlatformError('not-found', `/docs/${name} does not exist.`);
  const folder = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  response.type(type);
  await pipeline(createReadStream(path.join(folder, name)), response);
}

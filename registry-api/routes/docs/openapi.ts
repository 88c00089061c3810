import type { Operation } from '../../http/operation.ts';

/** `document` is a function because the document also lists this operation. */
export const openApiOperation = (document: () => object): Operation => ({
  id: 'openapi',
  kind: 'read',
  method: 'get',
  path: '/openapi.json',
  tag: 'System',
  summary: 'This document',
  access: 'open',
  responses: { 200: { description: 'OpenAPI 3.1.', schema: 'OpenApi' } },
  handle: () => Promise.resolve({ status: 200, headers: { 'Cache-Control': 'no-cache' }, body: document() }),
});

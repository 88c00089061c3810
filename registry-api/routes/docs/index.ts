import type { Operation } from '../../http/operation.ts';
import { docsFileOperation } from './docs-file.ts';
import { docsPageOperation } from './docs-page.ts';
import { openApiOperation } from './openapi.ts';

/** The OpenAPI document and a page to read it with. Everything comes from this server. */
export const docsOperations = (document: () => object): readonly Operation[] => [
  openApiOperation(document),
  docsPageOperation,
  docsFileOperation,
];

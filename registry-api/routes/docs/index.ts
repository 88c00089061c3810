import type { Operation } from '../../http/operation.ts';
import { docsFileOperation } from './docs-file.ts';
import { docsPageOperation } from './docs-page.ts';
import { openApiOperation } from './openapi.ts';

/** The OpenAPI document and its browser (Swagger UI). Loads nothing from other servers. */
export const docsOperations = (document: () => object): readonly Operation[] => [
  openApiOperation(document),
  docsPageOperation,
  docsFileOperation,
];

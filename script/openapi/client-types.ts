import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { operationsOf } from '../../registry-api/app.ts';
import { openApiDocument } from '../../registry-api/openapi/document.ts';

/** Where {@link clientTypes} are kept, relative to the repository. */
export const CLIENT_TYPES_FILE = 'registry-api/client/api.generated.ts';

const HEAD = '// Made of the OpenAPI document by `npm run openapi:types`. Not to be edited.\n\n';

/** The types that the client is checked against: the OpenAPI document in TypeScript. */
export async function clientTypes(): Promise<string> {
  // what the operations work with is needed to carry them out, not to describe them
  const operations = operationsOf({} as never, { version: '' } as never, null as never);
  const document = JSON.parse(JSON.stringify(openApiDocument(operations, ''))) as OpenAPI3;
  const tree = await openapiTS(document, { immutable: true, defaultNonNullable: false });
  return `${HEAD}${astToString(tree)}`;
}

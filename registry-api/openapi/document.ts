import { STATUS_CODES } from 'node:http';
import { JWKS_PATH } from '../../contracts/tokens.ts';
import { SCOPES, type Operation, type ResponseSpec, type Schema } from '../http/operation.ts';
import { ref } from '../schemas/build.ts';
import { components } from '../schemas/components.ts';
import { headerParameters, parametersOf, RESPONSE_HEADERS } from './parameters.ts';

/**
 * The OpenAPI 3.1 document, generated from the mounted operations and the validating schemas. Pure: the same
 * operations give the same document.
 */
export function openApiDocument(
  operations: readonly Operation[],
  version: string,
): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = describe(operation);
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Generator Platform: registry',
      version,
      description:
        'The registry of tools and of their exports. Errors are RFC 9457 problems. On the machine of a platform in ' +
        `development mode no token is needed. Tokens are verified against ${JWKS_PATH}.`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This platform.' }],
    tags: [
      { name: 'Tools', description: 'The tools of the monolith, and the exported tools.' },
      { name: 'Exports', description: 'Jobs that export a tool or roll an export back.' },
      { name: 'Webhooks', description: 'Notifications of changes by HTTP.' },
      { name: 'System', description: 'For operators and other services.' },
    ],
    paths,
    components: {
      schemas: components,
      responses: problemResponses(operations),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `Permissions: ${SCOPES.join(', ')}. Issue one with: npm run token -- --scope=tools:write`,
        },
      },
    },
  };
}

function describe(operation: Operation): Readonly<Record<string, unknown>> {
  const parameters = [...parametersOf(operation), ...headerParameters(operation)];
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description !== undefined && { description: operation.description }),
    ...(parameters.length > 0 && { parameters }),
    ...(operation.body !== undefined && {
      requestBody: {
        required: operation.body.optional !== true,
        content: { 'application/json': { schema: ref(operation.body.schema) } },
      },
    }),
    responses: responsesOf(operation),
    security: securityOf(operation),
  };
}

/** An empty requirement is listed too, because reading needs no token on the platform's own machine. */
function securityOf({ access }: Operation): readonly unknown[] {
  if (access === 'open') return [];
  if (access === 'read') return [{}, { bearer: [] }];
  return [{ bearer: [access] }];
}

function responsesOf(operation: Operation): Readonly<Record<string, unknown>> {
  const good = Object.entries(operation.responses).map(([status, spec]) => [status, responseOf(spec)]);
  const own = new Set(Object.keys(operation.responses));
  const bad = problemsOf(operation)
    .filter((status) => !own.has(String(status)))
    .map((status) => [String(status), { $ref: `#/components/responses/${problemName(status)}` }]);
  return Object.fromEntries([...good, ...bad]) as Record<string, unknown>;
}

function responseOf(spec: ResponseSpec): Readonly<Record<string, unknown>> {
  const type = spec.contentType ?? 'application/json';
  const schema: Schema | undefined =
    spec.schema !== undefined
      ? ref(spec.schema)
      : spec.contentType !== undefined
        ? { type: 'string' }
        : undefined;
  return {
    description: spec.description,
    ...(spec.headers !== undefined && {
      headers: Object.fromEntries(spec.headers.map((name) => [name, RESPONSE_HEADERS[name]])),
    }),
    ...(schema !== undefined && { content: { [type]: { schema } } }),
  };
}

/** Error statuses that follow from the kind of operation, plus those specific to it. */
function problemsOf(operation: Operation): readonly number[] {
  const statuses = new Set<number>(operation.problems);
  if (operation.access !== 'open') [401, 429, 503].forEach((status) => statuses.add(status));
  if (operation.access !== 'open' && operation.access !== 'read') statuses.add(403);
  if (operation.path.includes('{') || operation.access !== 'open') statuses.add(400);
  if (operation.body !== undefined) [413, 415, 422].forEach((status) => statuses.add(status));
  if (operation.kind === 'write') statuses.add(409); // the Idempotency-Key belongs to another request
  return [...statuses].sort((a, b) => a - b);
}

/** Error responses shared by all operations, described once. */
function problemResponses(operations: readonly Operation[]): Readonly<Record<string, unknown>> {
  const statuses = new Set(operations.flatMap(problemsOf).sort((a, b) => a - b));
  return Object.fromEntries([...statuses].map((status) => [problemName(status), problemResponse(status)]));
}

/** `404`: `NotFound` */
const problemName = (status: number): string =>
  (STATUS_CODES[status] ?? 'Problem').replaceAll(/[^A-Za-z]/g, '');

const problemResponse = (status: number): Readonly<Record<string, unknown>> => ({
  description: STATUS_CODES[status] ?? 'Problem',
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

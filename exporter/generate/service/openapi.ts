import { formsOf, type PathPart } from '../../../contracts/endpoint-path.ts';
import type { Endpoint, Manifest } from '../../../contracts/manifest.ts';
import type { Json } from '../../../contracts/plan.ts';

/** OpenAPI 3.1 description of a tool's endpoints in its service. */
export function openapiOf(manifest: Manifest): Json {
  const base = `/api/${manifest.id}`;
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of manifest.endpoints)
    for (const form of formsOf(endpoint.path)) {
      const text = form.map((part) => (part.type === 'text' ? part.value : `{${part.name}}`)).join('');
      const path = base + text.replace(/(?<=.)\/$/, '');
      paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint, form) };
    }
  paths[`${base}/health`] = { get: { summary: 'Health of the service', responses: HEALTH } };
  return {
    openapi: '3.1.0',
    info: { title: manifest.name, version: manifest.version, description: manifest.description },
    paths,
    components: {
      securitySchemes: { platform: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: PROBLEM },
      responses: {
        Problem: {
          description: 'Problem details (RFC 9457)',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

const HEALTH: Json = {
  200: { description: 'Healthy' },
  503: { description: 'The database does not respond' },
};

const PROBLEM: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { pointer: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

function operation({ method, summary, permissions }: Endpoint, form: readonly PathPart[]): Json {
  const parameters = form.flatMap((part) =>
    part.type === 'text' ? [] : [{ name: part.name, in: 'path', required: true, schema: { type: 'string' } }],
  );
  return {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(permissions.length === 0
      ? {}
      : { security: [{ platform: [...permissions] }], 'x-permissions': [...permissions] }),
    ...(method === 'GET' || method === 'DELETE'
      ? {}
      : { requestBody: { content: { 'application/json': { schema: {} } } } }),
    responses: {
      '2XX': { description: 'Success' },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

import type { Operation, ResponseSpec, Schema } from '../http/operation.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

const PATH_PARAMETERS: Readonly<Record<string, Schema>> = {
  toolId: { type: 'string', pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$', maxLength: 50 },
  jobId: { type: 'string', format: 'uuid' },
  file: { type: 'string', maxLength: 100 },
  webhookId: { type: 'string', format: 'uuid' },
};

const REQUEST_HEADERS: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>> = {
  'If-Match': {
    description: 'The ETag of the version that the caller has read. Any other version is answered with 412.',
    schema: { type: 'string' },
  },
  'If-None-Match': {
    description: 'ETags that the caller has cached: 304 when one is current.',
    schema: { type: 'string' },
  },
  'Last-Event-ID': {
    description: 'Id of the last event received: the stream continues after it.',
    schema: { type: 'string' },
  },
  'Idempotency-Key': {
    description: 'Repeating a request with the same key returns the first answer again, for one day.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  },
};

export const RESPONSE_HEADERS: Readonly<Record<NonNullable<ResponseSpec['headers']>[number], unknown>> = {
  ETag: { description: 'Changes with every change of the tool.', schema: { type: 'string' } },
  Location: { description: 'Address of the created resource.', schema: { type: 'string' } },
  'Idempotency-Replayed': { description: '`true` for a replayed answer.', schema: { type: 'string' } },
};

/** Path and query parameters. */
export function parametersOf(operation: Operation): readonly Parameter[] {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  return [
    ...names.map((name) => ({
      name,
      in: 'path' as const,
      required: true,
      schema: PATH_PARAMETERS[name] ?? {},
    })),
    ...Object.entries(operation.query ?? {}).map(([name, { description, ...schema }]) => ({
      name,
      in: 'query' as const,
      required: false,
      ...(typeof description === 'string' && { description }),
      schema,
    })),
  ];
}

/** Request headers that affect the operation. */
export function headerParameters(operation: Operation): readonly Parameter[] {
  const names = [...(operation.headers ?? []), ...(operation.kind === 'write' ? ['Idempotency-Key'] : [])];
  return names.flatMap((name) => {
    const header = REQUEST_HEADERS[name];
    return header === undefined ? [] : [{ name, in: 'header' as const, required: false, ...header }];
  });
}

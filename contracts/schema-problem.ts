import type { ErrorObject } from 'ajv';

/** A problem of the input, with its JSON pointer. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
}

export const MISSING = 'is required';

/**
 * Explains a schema error to the author of the input. With the option `verbose` of ajv, a value of the wrong form
 * is answered with the description in its schema.
 */
export function problemOf(error: ErrorObject): Problem {
  const pointer = error.instancePath;
  const params = error.params as Record<string, unknown>;
  const extra = params['additionalProperty'] ?? params['missingProperty'];
  if (typeof extra === 'string')
    return {
      pointer: `${pointer}/${extra.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      message: error.keyword === 'required' ? MISSING : 'is not a known field',
    };
  if (Array.isArray(params['allowedValues']))
    return { pointer, message: `must be one of ${params['allowedValues'].join(', ')}` };
  if (error.keyword === 'pattern') {
    const { description } = (error.parentSchema ?? {}) as { readonly description?: string };
    const form = description?.replace(/\.$/, '') ?? String(params['pattern']);
    return { pointer, message: `does not have the right form: ${form}` };
  }
  return { pointer, message: error.message ?? 'is not valid' };
}

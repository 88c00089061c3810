import type { ErrorObject } from 'ajv';

/** One thing that is wrong, and where: a JSON pointer into what was given. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
}

export const MISSING = 'is required';

/**
 * What an error of the schema means, in words for the person who wrote the input. With ajv's option `verbose` a value
 * of the wrong form is told which form is right: the schema's own description of it.
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

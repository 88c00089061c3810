import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { PlatformError } from '../../contracts/errors.ts';
import { compileCheck } from '../../contracts/schema-check.ts';
import { problemOf, type Problem } from '../../contracts/schema-problem.ts';
import type { Schema } from './operation.ts';

// Query strings are text; `array` also turns a single value into a list.
const queries = new Ajv2020({
  allErrors: true,
  strict: true,
  verbose: true,
  coerceTypes: 'array',
  useDefaults: true,
  validateSchema: false, // see compileCheck
});

/**
 * A parser of query strings. Ignores known parameters without a value (`?status=&q=`).
 *
 * @returns a function that throws PlatformError `bad-request` with every problem under `/query/<name>`.
 */
export function queryParser(
  properties: Readonly<Record<string, Schema>>,
): (query: unknown) => Record<string, unknown> {
  const validate = queries.compile({ type: 'object', properties, additionalProperties: false });
  return (query) => {
    const given = Object.entries(query as Record<string, unknown>).filter(
      ([name, value]) => value !== '' || !Object.hasOwn(properties, name),
    );
    const candidate: Record<string, unknown> = Object.fromEntries(given);
    if (validate(candidate)) return candidate;
    throw invalid('bad-request', 'The query string', problemsOf(validate), '/query');
  };
}

/**
 * A parser of bodies.
 *
 * @returns a function that throws PlatformError `body-invalid` with every problem and its JSON pointer.
 */
export function bodyParser(schema: Schema): (body: unknown) => unknown {
  const check = compileCheck(schema, { Ajv: Ajv2020 });
  return (body) => {
    const problems = check(body);
    if (problems.length === 0) return body;
    throw invalid('body-invalid', 'The body', problems, '');
  };
}

const problemsOf = ({ errors }: ValidateFunction): readonly Problem[] => (errors ?? []).map(problemOf);

function invalid(
  code: 'bad-request' | 'body-invalid',
  what: string,
  problems: readonly Problem[],
  prefix: string,
): PlatformError {
  const errors = problems.map(({ pointer, message }) => ({ pointer: `${prefix}${pointer}`, message }));
  const list = errors.map((error) => `${error.pointer || '/'}: ${error.message}`).join('; ');
  return new PlatformError(code, `${what} is not valid. ${list}`, { errors });
}

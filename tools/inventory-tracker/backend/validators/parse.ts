import type { ErrorObject, ValidateFunction } from 'ajv';
import { HttpProblem } from '#contracts/http-problem';

/** One validation error: its place (JSON pointer, RFC 6901) and its message. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
}

/**
 * Returns `input` as a `T` with its defaults filled in; does not modify `input`.
 * @throws HttpProblem 422 `validation-failed` listing every problem, not only the first.
 */
export function parse<T>(validate: ValidateFunction<T>, input: unknown): T {
  const candidate: unknown = structuredClone(input);
  if (validate(candidate)) return candidate;
  throw invalid((validate.errors ?? []).map(toProblem));
}

export function invalid(problems: readonly Problem[]): HttpProblem {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new HttpProblem(422, 'validation-failed', `The request has ${count}.`, problems);
}

function toProblem({ keyword, instancePath, params, message }: ErrorObject): Problem {
  const detail = params as Record<string, unknown>;
  switch (keyword) {
    case 'required':
      return { pointer: `${instancePath}/${escape(detail['missingProperty'])}`, message: 'is required' };
    case 'additionalProperties':
      return {
        pointer: `${instancePath}/${escape(detail['additionalProperty'])}`,
        message: 'is not a known field',
      };
    case 'enum':
      return {
        pointer: instancePath,
        message: `must be one of ${(detail['allowedValues'] as string[]).join(', ')}`,
      };
    default:
      return { pointer: instancePath, message: message ?? 'is not valid' };
  }
}

const escape = (segment: unknown): string => String(segment).replaceAll('~', '~0').replaceAll('/', '~1');

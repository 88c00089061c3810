import type { AnySchemaObject, ErrorObject, Options, ValidateFunction } from 'ajv';
import { problemOf, type Problem } from './schema-problem.ts';

/** Most problems that a refusal lists. */
export const MOST_PROBLEMS = 100;

/** Most fields of an object whose schema lists its fields, unknown ones included. */
const MOST_FIELDS = 100;

/** Every problem of a value, at most {@link MOST_PROBLEMS}; an empty list means that it is valid. */
export type SchemaCheck = (value: unknown) => readonly Problem[];

interface Compiler {
  addSchema(schema: AnySchemaObject): unknown;
  compile(schema: AnySchemaObject): ValidateFunction;
}

export interface SchemaCheckOptions {
  /** A class of ajv, by which the dialect of JSON Schema is chosen. */
  readonly Ajv: new (options: Options) => Compiler;
  /** Schemas that the schema refers to. */
  readonly schemas?: readonly AnySchemaObject[];
}

/**
 * Compiles a schema into a check whose work is bounded by the size of its input. Lengths are checked first, and a value
 * that exceeds one is refused with that problem alone: no pattern runs over it, and none of its items is compared.
 *
 * The schema itself is not validated: to compile JSON Schema's own schema takes longer than anything else here, in every
 * process. A unit test validates the schemas of this project.
 */
export function compileCheck(
  schema: AnySchemaObject,
  { Ajv, schemas = [] }: SchemaCheckOptions,
): SchemaCheck {
  const compile = (
    root: AnySchemaObject,
    others: readonly AnySchemaObject[],
    options: Options,
  ): ValidateFunction => {
    const ajv = new Ajv({ ...options, validateSchema: false });
    for (const other of others) ajv.addSchema(other);
    return ajv.compile(root);
  };
  const within = compile(boundsOf(schema), schemas.map(boundsOf), { strict: false, verbose: true });
  // verbose: errors include the violated part of the schema, and so its description
  const validate = compile(schema, schemas, {
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    verbose: true,
  });
  return (value) => {
    const failed = within(value) ? validate : within;
    return failed === validate && validate(value) ? [] : listed(failed.errors ?? []);
  };
}

function listed(errors: readonly ErrorObject[]): readonly Problem[] {
  const first = errors.slice(0, MOST_PROBLEMS).map(problemOf);
  const others = errors.length - first.length;
  return others === 0 ? first : [...first, { pointer: '', message: `has ${others} more problems` }];
}

const BOUNDS: ReadonlySet<string> = new Set([
  '$id',
  '$schema',
  '$ref',
  'maxItems',
  'maxLength',
  'maxProperties',
]);
const MAPS: ReadonlySet<string> = new Set(['properties', 'definitions']);

/** The schema reduced to its lengths. Stops at the first problem, so that its work ends there. */
function boundsOf(schema: AnySchemaObject): AnySchemaObject {
  const bounds: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (BOUNDS.has(keyword)) bounds[keyword] = value;
    else if (keyword === 'items') bounds[keyword] = boundsOf(value as AnySchemaObject);
    else if (MAPS.has(keyword))
      bounds[keyword] = mapValues(value as Record<string, AnySchemaObject>, boundsOf);
    else if (keyword === 'additionalProperties' && value === false) bounds['maxProperties'] ??= MOST_FIELDS;
  }
  return bounds;
}

const mapValues = <T, U>(map: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));

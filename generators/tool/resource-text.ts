import { kebabCase } from '../../templating/names.ts';
import { FIELD_TYPES, type FieldTypeName } from './field-types.ts';
import { DEFAULT_FIELDS, type FieldAnswer, type ResourceAnswer } from './answers.ts';

/** A problem of one `--resource` text, naming the part. */
export class ResourceTextError extends Error {
  override readonly name = 'ResourceTextError';
}

/**
 * Parses `item:name:string:required,quantity:integer,ownerId:uuid:references=owner`: the name of the resource,
 * then its fields, each `name[:type][:required][:unique][:references=resource]`. The default type is `string`.
 *
 * @throws ResourceTextError naming the invalid part and the accepted values
 */
export function parseResource(text: string): ResourceAnswer {
  const colon = text.indexOf(':');
  const name = (colon === -1 ? text : text.slice(0, colon)).trim();
  const rest = colon === -1 ? '' : text.slice(colon + 1);
  // An invalid name is unchanged, so that the error of the schema quotes it as typed.
  const resource = /^[A-Za-z][A-Za-z0-9-]*$/.test(name) ? kebabCase(name) : name;
  const fields = rest
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => parseField(part, text));
  return { name: resource, fields: fields.length > 0 ? fields : DEFAULT_FIELDS };
}

function parseField(part: string, whole: string): FieldAnswer {
  const [name = '', type = 'string', ...modifiers] = part.split(':').map((piece) => piece.trim());
  const field: { -readonly [K in keyof FieldAnswer]: FieldAnswer[K] } = {
    name,
    type: typeOf(type, part, whole),
  };
  for (const modifier of modifiers) {
    const reference = /^references=(.+)$/.exec(modifier)?.[1];
    if (modifier === 'required') field.required = true;
    else if (modifier === 'unique') field.unique = true;
    else if (reference !== undefined) field.references = reference;
    else
      throw new ResourceTextError(
        `--resource=${quote(whole)}: ${quote(modifier)} in ${quote(part)} is not a known modifier; ` +
          'use required, unique or references=<resource>',
      );
  }
  return field;
}

function typeOf(type: string, part: string, whole: string): FieldTypeName {
  if (Object.hasOwn(FIELD_TYPES, type)) return type as FieldTypeName;
  throw new ResourceTextError(
    `--resource=${quote(whole)}: ${quote(type)} in ${quote(part)} is not a type; use one of ` +
      Object.keys(FIELD_TYPES).join(', '),
  );
}

const quote = (text: string): string => JSON.stringify(text);

import { manifestSchema } from '../../contracts/manifest.ts';
import type { Schema } from '../http/operation.ts';
import { omit } from './omit.ts';

const COMPONENTS = '#/components/schemas/';

/** The validating schema of the manifest, with its references rewritten to those of the document. */
const manifest = rewrite(manifestSchema) as typeof manifestSchema;
const { properties } = manifest;

export const permissionSchema: Schema = manifestSchema.definitions.permission;

/** Body of `POST` and `PUT`: a manifest whose id may be called `toolId`. Only id and name have no default. */
export const manifestInputSchema: Schema = {
  type: 'object',
  description:
    'The manifest of a tool. The id is sent as `id` or `toolId`; all fields except id and name have defaults.',
  additionalProperties: false,
  required: ['name'],
  properties: { ...properties, toolId: properties.id },
};

/** The fields of a manifest in answers, where all are present. */
export const manifestProperties: Readonly<Record<string, Schema>> = withoutDefaults({
  name: properties.name,
  description: properties.description,
  version: properties.version,
  status: properties.status,
  owner: properties.owner,
  icon: properties.icon,
  route: properties.route,
  apiBase: properties.apiBase,
  databaseSchema: properties.databaseSchema,
  endpoints: complete(properties.endpoints),
  permissions: properties.permissions,
  env: complete(properties.env),
  dependencies: properties.dependencies,
});

export const toolIdSchema: Schema = properties.id;

function rewrite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewrite);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      key === '$ref' && part === '#/definitions/permission' ? `${COMPONENTS}Permission` : rewrite(part),
    ]),
  );
}

/** Lists of objects with every field filled in. */
function complete(list: { readonly items: { readonly properties: object } }): Schema {
  return { ...list, items: { ...list.items, required: Object.keys(list.items.properties) } };
}

function withoutDefaults(schemas: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, omit(schema, 'default')]));
}

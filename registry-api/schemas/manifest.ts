import { manifestSchema } from '../../contracts/manifest.ts';
import type { Schema } from '../http/operation.ts';
import { omit } from './omit.ts';

const COMPONENTS = '#/components/schemas/';

/** The manifest's own schema (the one that validates), with its references turned into those of the document. */
const manifest = rewrite(manifestSchema) as typeof manifestSchema;
const { properties } = manifest;

export const permissionSchema: Schema = manifestSchema.definitions.permission;

/** What `POST` and `PUT` take: a manifest, whose id may be called `toolId`. Only id and name have no default. */
export const manifestInputSchema: Schema = {
  type: 'object',
  description:
    'A tool’s manifest. The id is given as `id` or as `toolId`; everything but id and name has a default.',
  additionalProperties: false,
  required: ['name'],
  properties: { ...properties, toolId: properties.id },
};

/** The parts of a manifest as the registry gives them back: all there. */
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

/** Lists of objects in which the registry has filled in every field. */
function complete(list: { readonly items: { readonly properties: object } }): Schema {
  return { ...list, items: { ...list.items, required: Object.keys(list.items.properties) } };
}

function withoutDefaults(schemas: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, omit(schema, 'default')]));
}

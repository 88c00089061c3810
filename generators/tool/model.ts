import { createHash } from 'node:crypto';
import { namesOf } from '../../contracts/naming.ts';
import {
  camelCase,
  kebabCase,
  pascalCase,
  plural,
  snakeCase,
  titleCase,
  words,
} from '../../templating/names.ts';
import { defaultResource, type Answers, type FieldAnswer, type ResourceAnswer } from './answers.ts';
import { FIELD_TYPES, FILLED_PATTERN, type FieldType, type FieldTypeName } from './field-types.ts';

export interface FieldModel extends FieldType {
  readonly name: string;
  readonly column: string;
  readonly typeName: FieldTypeName;
  /** `Due on` */
  readonly label: string;
  readonly required: boolean;
  readonly unique: boolean;
  /** Whether the value may be `null`. */
  readonly nullable: boolean;
  /** Name of the unique constraint, else empty. */
  readonly uniqueConstraint: string;
  readonly references: {
    readonly resource: string;
    readonly table: string;
    readonly constraint: string;
  } | null;
  /** JSON Schema of the value, with all of the above applied. */
  readonly bodySchema: Readonly<Record<string, unknown>>;
}

export interface ResourceModel {
  /** `order-line`: files and codes. */
  readonly kebab: string;
  /** `orderLine`: values. */
  readonly camel: string;
  /** `OrderLine`: classes built around it (`OrderLineService`). */
  readonly pascal: string;
  /** Type of the row: `pascal`, unless that name has another meaning in the generated code. */
  readonly type: string;
  /** `order-lines`: the address. */
  readonly path: string;
  /** `order line`, `order lines`: in sentences. */
  readonly one: string;
  readonly many: string;
  /** `Order lines`: headings. */
  readonly title: string;
  readonly table: string;
  readonly fields: readonly FieldModel[];
  /** The field that labels a row in lists; `null` without a text field. */
  readonly label: FieldModel | null;
  readonly searchable: readonly FieldModel[];
  readonly sortable: readonly FieldModel[];
  /** Ids of the seeded rows. */
  readonly seedIds: readonly string[];
}

export interface ToolModel {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly status: string;
  readonly owner: string;
  /** Subject of the tool, for file names: `inventory` for `inventory-tracker`. */
  readonly stem: string;
  readonly readPermission: string;
  readonly writePermission: string;
  /** Parents before children. */
  readonly resources: readonly ResourceModel[];
}

/** The template model, computed from the answers. Pure. */
export function toolModel(answers: Answers): ToolModel {
  const stem = stemOf(answers.id);
  const resources = answers.resources.map((resource) => resourceModel(answers, resource));
  return {
    id: answers.id,
    name: answers.name,
    description: answers.description,
    version: answers.version,
    status: answers.status,
    owner: answers.owner,
    stem,
    readPermission: `${stem}:read`,
    writePermission: `${stem}:write`,
    resources: parentsFirst(resources),
  };
}

/** The id without the word for its kind: `inventory-tracker` gives `inventory`. */
export function stemOf(id: string): string {
  const parts = id.split('-');
  const subject = defaultResource(id);
  const last = parts.findLastIndex((part) => part === subject || part === plural(subject));
  return last === -1 ? id : parts.slice(0, last + 1).join('-');
}

function resourceModel(tool: Pick<Answers, 'id'>, resource: ResourceAnswer): ResourceModel {
  const { name } = resource;
  const table = tableOf(tool, name);
  const labelName = resource.fields.find((f) => f.type === 'string')?.name;
  const fields = resource.fields.map((field) => fieldModel(tool, table, field, field.name === labelName));
  const pascal = pascalCase(name);
  const spoken = words(name).join(' ');
  return {
    kebab: kebabCase(name),
    camel: camelCase(name),
    pascal,
    type: RESERVED_TYPES.has(pascal) ? `${pascal}Row` : pascal,
    path: plural(kebabCase(name)),
    one: spoken,
    many: plural(spoken),
    title: sentence(plural(spoken)),
    table,
    fields,
    label: fields.find((f) => f.name === labelName) ?? null,
    searchable: fields.filter((f) => f.searchable),
    sortable: fields.filter((f) => f.sortable),
    seedIds: [1, 2, 3].map((n) => seedId(tool.id, name, n)),
  };
}

/** Prefixed with the tool's id, because the monolith's tools share one schema. */
export function tableOf(tool: Pick<Answers, 'id'>, resource: string): string {
  return identifier(`${namesOf(tool.id).sql}_${snakeCase(plural(resource))}`);
}

function fieldModel(
  tool: Pick<Answers, 'id'>,
  table: string,
  field: FieldAnswer,
  isLabel: boolean,
): FieldModel {
  const type: FieldType = FIELD_TYPES[field.type];
  const column = snakeCase(field.name);
  const unique = field.unique === true;
  // Two rows without a value would both have the default, so unique fields are required.
  const required = field.required === true || isLabel || (unique && type.sqlDefault !== null);
  const nullable = !required && type.sqlDefault === null;
  const filled = required && type.searchable ? { minLength: 1, pattern: FILLED_PATTERN } : {};
  return {
    ...type,
    name: field.name,
    column,
    typeName: field.type,
    label: sentence(words(field.name).join(' ')),
    required,
    unique,
    nullable,
    uniqueConstraint: unique ? identifier(`${table}_${column}_key`) : '',
    references:
      field.references === undefined
        ? null
        : {
            resource: field.references,
            table: tableOf(tool, field.references),
            constraint: identifier(`${table}_${column}_fkey`),
          },
    bodySchema: {
      ...type.schema,
      ...filled,
      ...(nullable ? { nullable: true } : {}),
      ...(required ? {} : { default: type.fallback }),
    },
  };
}

/** At most 63 bytes, the limit of PostgreSQL; a shortened name ends in a hash of the full name. */
function identifier(name: string): string {
  if (name.length <= 63) return name;
  return `${name.slice(0, 54)}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** The same id on every machine, so that seeds are idempotent and tests can name their rows. */
function seedId(toolId: string, resource: string, n: number): string {
  const hex = createHash('md5').update(`${toolId}/${resource}/${n}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Sorts parents before children; references in a cycle are optional and may come in any order. */
function parentsFirst(resources: readonly ResourceModel[]): ResourceModel[] {
  const byName = new Map(resources.map((r) => [r.kebab, r]));
  const ordered = new Set<ResourceModel>();
  const visit = (resource: ResourceModel, path: readonly ResourceModel[]): void => {
    if (ordered.has(resource) || path.includes(resource)) return;
    for (const required of [true, false])
      for (const field of resource.fields) {
        const parent = field.references === null ? undefined : byName.get(field.references.resource);
        if (parent !== undefined && field.required === required) visit(parent, [...path, resource]);
      }
    ordered.add(resource);
  };
  for (const resource of resources) visit(resource, []);
  return [...ordered];
}

function sentence(text: string): string {
  return titleCase(text.split(' ')[0] ?? '') + text.slice((text.split(' ')[0] ?? '').length);
}

// Names with another meaning in the generated code.
const RESERVED_TYPES = new Set(
  `Array Boolean Bigint Component Date Error Function Http Injectable Json Map Math Node Number Object Observable Page
   Pool Problem Promise Proxy Readonly Record Request Required Response Router Routes Set String Symbol Url Partial
   PageRequest Handler HttpProblem PoolClient ToolContext RequestHandler NewRow
   Pick Omit Queryable Validators Exclude Extract Signal Input Output Subject PageEvent ParamMap HttpClient HttpParams
   Versioned Stored ApiProblem ActivatedRoute RouterLink`.split(/\s+/),
);

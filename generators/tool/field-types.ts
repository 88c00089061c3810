/** Field types in one table: SQL, TypeScript, JSON Schema, form control, examples. */
export interface FieldType {
  readonly sql: string;
  /** SQL default of a field that is not required; `null` makes the column nullable. */
  readonly sqlDefault: string | null;
  /** SQL check condition, with `$` for the column name. */
  readonly check: string | null;
  /** SQL expression that reads the column for the API, with `$` for its qualified name; `null`: the plain column. */
  readonly read: string | null;
  /** TypeScript type in the backend's rows and in the frontend. */
  readonly ts: string;
  readonly webTs: string;
  /** JSON Schema (ajv) of the value. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Default in the API; `null` for none. */
  readonly fallback: unknown;
  /** Form control. */
  readonly input: 'text' | 'textarea' | 'number' | 'decimal' | 'checkbox' | 'date' | 'datetime' | 'json';
  readonly sortable: boolean;
  readonly searchable: boolean;
  /** Valid values, all different. `n` is 1, 2 or 3 for seeds, larger for tests. */
  readonly sample: (label: string, n: number) => unknown;
  /** An invalid value. */
  readonly bad: unknown;
}

export const FIELD_TYPES = {
  string: {
    sql: 'text',
    sqlDefault: "''",
    check: 'length($) <= 200',
    read: null,
    ts: 'string',
    webTs: 'string',
    schema: { type: 'string', maxLength: 200, storable: true },
    fallback: '',
    input: 'text',
    sortable: true,
    searchable: true,
    sample: (label, n) => `${label} ${n}`,
    bad: 7,
  },
  text: {
    sql: 'text',
    sqlDefault: "''",
    check: 'length($) <= 10000',
    read: null,
    ts: 'string',
    webTs: 'string',
    schema: { type: 'string', maxLength: 10_000, storable: true },
    fallback: '',
    input: 'textarea',
    sortable: false,
    searchable: true,
    sample: (label, n) => `${label} number ${n}, in a sentence.`,
    bad: 7,
  },
  integer: {
    sql: 'integer',
    sqlDefault: '0',
    check: null,
    read: null,
    ts: 'number',
    webTs: 'number',
    schema: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
    fallback: 0,
    input: 'number',
    sortable: true,
    searchable: false,
    sample: (_label, n) => n * 10,
    bad: 1.5,
  },
  numeric: {
    sql: 'numeric',
    sqlDefault: '0',
    check: null,
    read: '$::text',
    ts: 'string',
    webTs: 'string',
    schema: { type: 'string', pattern: '^-?(0|[1-9][0-9]{0,13})(\\.[0-9]{1,6})?$' },
    fallback: '0',
    input: 'decimal',
    sortable: true,
    searchable: false,
    sample: (_label, n) => `${n}9.90`,
    bad: '1e3',
  },
  boolean: {
    sql: 'boolean',
    sqlDefault: 'false',
    check: null,
    read: null,
    ts: 'boolean',
    webTs: 'boolean',
    schema: { type: 'boolean' },
    fallback: false,
    input: 'checkbox',
    sortable: true,
    searchable: false,
    sample: (_label, n) => n % 2 === 0,
    bad: 'yes',
  },
  date: {
    sql: 'date',
    sqlDefault: null,
    check: null,
    read: "to_char($, 'YYYY-MM-DD')",
    ts: 'string',
    webTs: 'string',
    schema: { type: 'string', format: 'date' },
    fallback: null,
    input: 'date',
    sortable: true,
    searchable: false,
    sample: (_label, n) => `2026-0${1 + (n % 9)}-15`,
    bad: '2026-02-30',
  },
  datetime: {
    sql: 'timestamptz',
    sqlDefault: null,
    check: null,
    read: null,
    ts: 'Date',
    webTs: 'string',
    schema: { type: 'string', format: 'date-time' },
    fallback: null,
    input: 'datetime',
    sortable: true,
    searchable: false,
    sample: (_label, n) => `2026-0${1 + (n % 9)}-15T09:30:00.000Z`,
    bad: '2026-01-15 09:30',
  },
  json: {
    sql: 'jsonb',
    sqlDefault: "'{}'::jsonb",
    check: "jsonb_typeof($) = 'object'",
    read: null,
    ts: 'Readonly<Record<string, unknown>>',
    webTs: 'Readonly<Record<string, unknown>>',
    schema: { type: 'object', storable: true },
    fallback: {},
    input: 'json',
    sortable: false,
    searchable: false,
    sample: (_label, n) => ({ note: `example ${n}` }),
    bad: [1],
  },
  uuid: {
    sql: 'uuid',
    sqlDefault: null,
    check: null,
    read: null,
    ts: 'string',
    webTs: 'string',
    schema: { type: 'string', format: 'uuid' },
    fallback: null,
    input: 'text',
    sortable: false,
    searchable: false,
    sample: (_label, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    bad: 'not-a-uuid',
  },
} as const satisfies Record<string, FieldType>;

export type FieldTypeName = keyof typeof FIELD_TYPES;

/** Pattern of required `string` and `text` fields: not blank. */
export const FILLED_PATTERN = '\\S';

/** Field types in one table: SQL, TypeScript, JSON Schema, form control, examples. */
export interface FieldType {
  readonly sql: string;
  /** SQL default of a field that is not required; `null` makes the column nullable. */
  readonly sqlDefault: string | null;
  /** SQL check condition, with `$` for the column name. */
  readonly check: string | null;
  /** SQL expression that reads the column for the API, with `$` for its qualified name; `null`: the plain column. */
  readonly read: string | null;
  /** Whether SQL quotes a sample that is a string. */
  readonly quoted: boolean;
  /** TypeScript type in the backend's rows. */
  readonly ts: string;
  /** TypeScript type in request bodies and in the frontend. */
  readonly webTs: string;
  /** Half a sentence about the value for the row type's comment; `null`: nothing to explain. */
  readonly note: string | null;
  /** JSON Schema (ajv) of the value. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Default in the API; `null` for none. */
  readonly fallback: unknown;
  readonly form: FormControl;
  readonly list: ListCell;
  readonly sortable: boolean;
  readonly searchable: boolean;
  /** Valid values, all different. `n` is 1, 2 or 3 for seeds, larger for tests. */
  readonly sample: (label: string, n: number) => unknown;
  /** An invalid value. */
  readonly bad: unknown;
}

/** The field in the form. Code is TypeScript of the form component, with `$` for the value. */
interface FormControl {
  readonly element: 'input' | 'textarea' | 'checkbox';
  /** Further attributes of the element. */
  readonly attributes: string;
  /** Code of the initial value. */
  readonly initial: { readonly required: string; readonly optional: string };
  /** Whether the control must hold a value, whatever the field says. */
  readonly filled: 'always' | 'when required' | 'never';
  /** Code of validators; a reference, which is chosen from a list, has none of them. */
  readonly validators: readonly string[];
  /** Code that turns a row's value into the control's and back; `null`: the same value. */
  readonly load: string | null;
  readonly save: string | null;
  /** What this code imports from `form-values.ts`. */
  readonly helpers: readonly string[];
}

/** The field in the list. */
interface ListCell {
  readonly shown: boolean;
  /** Angular expression, with `$` for the value. */
  readonly expression: string;
  /** Pipe of `@angular/common` that the expression uses. */
  readonly pipe: 'DatePipe' | 'DecimalPipe' | null;
}

const INPUT: FormControl = {
  element: 'input',
  attributes: '',
  initial: { required: "''", optional: "''" },
  filled: 'when required',
  validators: [],
  load: null,
  save: null,
  helpers: [],
};

const SHOWN: ListCell = { shown: true, expression: '$', pipe: null };
const HIDDEN: ListCell = { ...SHOWN, shown: false };

export const FIELD_TYPES = {
  string: {
    sql: 'text',
    sqlDefault: "''",
    check: 'length($) <= 200',
    read: null,
    quoted: true,
    ts: 'string',
    webTs: 'string',
    note: null,
    schema: { type: 'string', maxLength: 200, storable: true },
    fallback: '',
    form: { ...INPUT, validators: ['Validators.maxLength(200)'] },
    list: SHOWN,
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
    quoted: true,
    ts: 'string',
    webTs: 'string',
    note: null,
    schema: { type: 'string', maxLength: 10_000, storable: true },
    fallback: '',
    form: { ...INPUT, element: 'textarea', validators: ['Validators.maxLength(10_000)'] },
    list: HIDDEN,
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
    quoted: true,
    ts: 'number',
    webTs: 'number',
    note: null,
    schema: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
    fallback: 0,
    form: {
      ...INPUT,
      attributes: ' type="number" step="1"',
      initial: { required: '0', optional: '0' },
      filled: 'always',
      validators: ['Validators.pattern(/^-?\\d+$/)'],
    },
    list: { ...SHOWN, expression: '$ | number', pipe: 'DecimalPipe' },
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
    quoted: false,
    ts: 'string',
    webTs: 'string',
    note: 'decimal numbers are text, so that none passes through floating point',
    schema: { type: 'string', pattern: '^-?(0|[1-9][0-9]{0,13})(\\.[0-9]{1,6})?$' },
    fallback: '0',
    form: {
      ...INPUT,
      attributes: ' inputmode="decimal"',
      initial: { required: "''", optional: "'0'" },
      filled: 'always',
      validators: ['Validators.pattern(/^-?\\d+([.,]\\d{1,6})?$/)'],
      save: "$.trim().replace(',', '.')",
    },
    list: SHOWN,
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
    quoted: true,
    ts: 'boolean',
    webTs: 'boolean',
    note: null,
    schema: { type: 'boolean' },
    fallback: false,
    form: {
      ...INPUT,
      element: 'checkbox',
      initial: { required: 'false', optional: 'false' },
      filled: 'never',
    },
    list: { ...SHOWN, expression: "$ ? 'Yes' : 'No'" },
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
    quoted: true,
    ts: 'string',
    webTs: 'string',
    note: null,
    schema: { type: 'string', format: 'date' },
    fallback: null,
    form: { ...INPUT, attributes: ' type="date"' },
    list: SHOWN,
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
    quoted: true,
    ts: 'Date',
    webTs: 'string',
    note: null,
    schema: { type: 'string', format: 'date-time' },
    fallback: null,
    form: {
      ...INPUT,
      attributes: ' type="datetime-local"',
      load: 'toLocalInput($)',
      save: 'fromLocalInput($)',
      helpers: ['fromLocalInput', 'toLocalInput'],
    },
    list: { ...SHOWN, expression: "$ | date: 'short'", pipe: 'DatePipe' },
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
    quoted: true,
    ts: 'Readonly<Record<string, unknown>>',
    webTs: 'Readonly<Record<string, unknown>>',
    note: null,
    schema: { type: 'object', storable: true },
    fallback: {},
    form: {
      ...INPUT,
      element: 'textarea',
      attributes: ' spellcheck="false"',
      initial: { required: "'{}'", optional: "'{}'" },
      filled: 'always',
      validators: ['jsonObject'],
      load: 'toJsonText($)',
      save: 'fromJsonText($)',
      helpers: ['fromJsonText', 'jsonObject', 'toJsonText'],
    },
    list: HIDDEN,
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
    quoted: true,
    ts: 'string',
    webTs: 'string',
    note: null,
    schema: { type: 'string', format: 'uuid' },
    fallback: null,
    form: { ...INPUT, validators: ['Validators.pattern(/^[0-9a-fA-F-]{36}$/)'] },
    list: HIDDEN,
    sortable: false,
    searchable: false,
    sample: (_label, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    bad: 'not-a-uuid',
  },
} as const satisfies Record<string, FieldType>;

export type FieldTypeName = keyof typeof FIELD_TYPES;

/** Pattern of required `string` and `text` fields: not blank. */
export const FILLED_PATTERN = '\\S';

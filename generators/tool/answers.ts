import { Ajv } from 'ajv';
import schema from './answers.schema.json' with { type: 'json' };
import { toolIdProblem, type ToolId } from '../../contracts/ids.ts';
import { manifestSchema, type ToolStatus } from '../../contracts/manifest.ts';
import { compileCheck, type SchemaCheck } from '../../contracts/schema-check.ts';
import type { Problem } from '../../contracts/schema-problem.ts';
import { plural, singular, snakeCase, titleCase } from '../../templating/names.ts';
import { AnswersError } from '../answers-error.ts';
import type { FieldTypeName } from './field-types.ts';

export interface FieldAnswer {
  readonly name: string;
  readonly type: FieldTypeName;
  readonly required?: boolean;
  readonly unique?: boolean;
  /** Name of another resource of the same tool. */
  readonly references?: string;
}

export interface ResourceAnswer {
  readonly name: string;
  readonly fields: readonly FieldAnswer[];
}

/** Fields of a resource without explicit fields. */
export const DEFAULT_FIELDS: readonly FieldAnswer[] = [
  { name: 'name', type: 'string', required: true },
  { name: 'description', type: 'text' },
];

/** Input of the generator; the same for prompts, flags, an answers file and the dashboard. */
export interface Answers {
  readonly id: ToolId;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly status: ToolStatus;
  readonly owner: string;
  readonly resources: readonly ResourceAnswer[];
}

/** Unvalidated answers: any may be missing or invalid. */
export type PartialAnswers = Readonly<Partial<Record<keyof Answers, unknown>>>;

let compiled: SchemaCheck | undefined;

/** Compiled on first use, because most commands need no answers. */
const check: SchemaCheck = (answers) =>
  (compiled ??= compileCheck(schema, { Ajv, schemas: [manifestSchema] }))(answers);

/** Suggestions for missing answers, derived from the given ones. */
export function suggestedAnswers(given: PartialAnswers): Omit<Answers, 'id'> {
  const id = typeof given.id === 'string' ? given.id : '';
  return {
    name: titleCase(id),
    description: '',
    version: '0.1.0',
    status: 'alpha',
    owner: '',
    resources: [{ name: defaultResource(id), fields: DEFAULT_FIELDS }],
  };
}

// Words for a kind of tool rather than its subject.
const KINDS = new Set(
  `admin analyzer app board builder calendar catalog center checker console dashboard designer directory editor
   engine explorer finder generator hub log logger manager monitor organizer panel planner portal registry scheduler
   service store studio system tool tracker viewer wizard`.split(/\s+/),
);

/**
 * The subject of a tool, in the singular: `task-manager` gives `task`, the last word of the id that names no kind
 * of tool.
 */
export function defaultResource(id: string): string {
  const words = id.split('-');
  const subject = words.findLast((word) => !KINDS.has(word) && /^[a-z]/.test(word)) ?? words.at(-1) ?? id;
  return singular(subject);
}

/**
 * Parses untrusted input. Only `owner` and `resources` have defaults.
 * @throws AnswersError with every problem
 */
export function parseAnswers(given: PartialAnswers): Answers {
  const suggested = suggestedAnswers(given);
  const candidate = { owner: suggested.owner, resources: suggested.resources, ...defined(given) };
  const invalid = check(candidate);
  const problems = invalid.length > 0 ? invalid : crossChecks(candidate as unknown as Answers);
  if (problems.length > 0) throw new AnswersError(problems);
  return normalised(candidate as unknown as Answers);
}

/** Why a single answer is not valid, or `null`: for prompts while the user types. */
export function answerProblem(field: keyof Answers, value: unknown): string | null {
  try {
    parseAnswers({ id: 'x', name: 'x', description: '', version: '0.1.0', status: 'alpha', [field]: value });
    return null;
  } catch (error) {
    if (!(error instanceof AnswersError)) throw error;
    return error.problems.map((p) => p.message).join('; ');
  }
}

/** System columns of PostgreSQL, not allowed even in quotes. */
const SYSTEM_COLUMNS = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

function crossChecks(answers: Answers): Problem[] {
  const problems: Problem[] = [];
  const idProblem = toolIdProblem(answers.id);
  if (idProblem !== null) problems.push({ pointer: '/id', message: idProblem });
  const names = new Set(answers.resources.map((r) => singular(r.name)));
  const addresses = new Set<string>();
  answers.resources.forEach((resource, i) => {
    const address = plural(singular(resource.name));
    if (addresses.has(address))
      problems.push({
        pointer: `/resources/${i}/name`,
        message: `another resource already has the address /${address}`,
      });
    addresses.add(address);
    const columns = new Set(['id', 'created_at', 'updated_at']);
    resource.fields.forEach((field, j) => {
      const pointer = `/resources/${i}/fields/${j}`;
      const column = snakeCase(field.name);
      if (columns.has(column) || UNSAFE_FIELDS.has(field.name))
        problems.push({
          pointer: `${pointer}/name`,
          message: `"${field.name}" already exists: every resource has id, createdAt and updatedAt, and names must be unique`,
        });
      if (SYSTEM_COLUMNS.has(column))
        problems.push({
          pointer: `${pointer}/name`,
          message: `"${field.name}" is a system column of PostgreSQL`,
        });
      columns.add(column);
      if (field.unique === true && !UNIQUE_TYPES.has(field.type))
        problems.push({ pointer: `${pointer}/unique`, message: `a ${field.type} field cannot be unique` });
      if (field.references === undefined) return;
      if (field.type !== 'uuid')
        problems.push({
          pointer: `${pointer}/type`,
          message: 'must be uuid, because the field references a resource',
        });
      if (!names.has(singular(field.references)))
        problems.push({
          pointer: `${pointer}/references`,
          message: `resource "${field.references}" does not exist in this tool; add --resource=${field.references}:...`,
        });
    });
  });
  return problems.length > 0 ? problems : requiredCycles(answers);
}

const UNIQUE_TYPES = new Set<FieldTypeName>(['string', 'integer', 'numeric', 'date', 'datetime', 'uuid']);

// Property names with a special meaning in JavaScript.
const UNSAFE_FIELDS = new Set([
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'toJSON',
  'then',
]);

/** Finds cycles of required references, which would make a first row impossible. */
function requiredCycles(answers: Answers): Problem[] {
  const needs = new Map(
    answers.resources.map((r) => [
      singular(r.name),
      r.fields.flatMap((f) =>
        f.required === true && f.references !== undefined ? [singular(f.references)] : [],
      ),
    ]),
  );
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (needs.get(from) ?? []).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return answers.resources.flatMap((r, i) =>
    reaches(singular(r.name), singular(r.name))
      ? [
          {
            pointer: `/resources/${i}`,
            message:
              'its required references form a cycle, so the first row could never be inserted: make one optional',
          },
        ]
      : [],
  );
}

/** Normalises answers, so that equal answers are equal JSON. */
function normalised(a: Answers): Answers {
  return {
    id: a.id,
    name: a.name.trim(),
    description: a.description.trim(),
    version: a.version,
    status: a.status,
    owner: a.owner.trim(),
    resources: a.resources.map((r) => ({
      name: singular(r.name),
      fields: r.fields.map((f) => ({
        name: f.name,
        type: f.type,
        ...(f.required === true ? { required: true } : {}),
        ...(f.unique === true ? { unique: true } : {}),
        ...(f.references === undefined ? {} : { references: singular(f.references) }),
      })),
    })),
  };
}

function defined(given: PartialAnswers): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

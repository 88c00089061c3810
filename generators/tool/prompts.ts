import { manifestSchema, TOOL_STATUSES } from '../../contracts/manifest.ts';
import { kebabCase, singular } from '../../templating/names.ts';
import answersSchema from './answers.schema.json' with { type: 'json' };
import {
  answerProblem,
  defaultResource,
  suggestedAnswers,
  type Answers,
  type FieldAnswer,
  type PartialAnswers,
} from './answers.ts';
import { parsePlainFields, PLAIN_EXAMPLE, PlainFieldError } from './plain-fields.ts';

/** Answers to prompt for that have no default; `questionsFor` also asks what the tool keeps. */
export const PROMPTED = answersSchema.required as readonly (keyof Answers)[];

/** Inquirer questions for missing answers, with the titles and rules of the schema, then what the tool keeps. */
export function questionsFor(given: PartialAnswers): object[] {
  return [
    ...PROMPTED.filter((field) => given[field] === undefined).map((field) => questionFor(field, given)),
    ...(given.resources === undefined ? keepsQuestions(given) : []),
  ];
}

function questionFor(field: keyof Answers, given: PartialAnswers): object {
  const { title } = (manifestSchema.properties as Record<string, { title?: string }>)[field] ?? {};
  const suggestion = (typed: PartialAnswers): unknown =>
    field === 'id' ? undefined : suggestedAnswers({ ...given, ...typed })[field];
  const question = { name: field, message: `${title ?? field}:`, default: suggestion };
  if (field === 'status') return { ...question, type: 'select', choices: TOOL_STATUSES };
  return { ...question, type: 'input', validate: (value: string) => answerProblem(field, value) ?? true };
}

/** Answers to the questions of what a tool keeps. */
interface Keeps {
  readonly keeps?: string;
  readonly fields?: string;
}

const SUGGESTED_FIELDS = 'name (required), description (long text)';

function keepsQuestions(given: PartialAnswers): object[] {
  const idOf = ({ id = given.id }: PartialAnswers): string => (typeof id === 'string' ? id : '');
  return [
    {
      type: 'input',
      name: 'keeps',
      message: 'What does it keep? One word, such as task or order line:',
      default: (typed: PartialAnswers) => defaultResource(idOf(typed)),
      validate: (keeps: string) => keepsProblem({ keeps }),
    },
    {
      type: 'input',
      name: 'fields',
      message: `What does each have? Such as ${PLAIN_EXAMPLE}:`,
      default: SUGGESTED_FIELDS,
      validate: (fields: string, typed: Keeps = {}) => keepsProblem({ keeps: typed.keeps ?? 'item', fields }),
    },
  ];
}

/** The typed answers as those of the generator. */
export function answersOf({ keeps, fields, ...typed }: PartialAnswers & Keeps): PartialAnswers {
  return keeps === undefined ? typed : { ...typed, resources: [resourceOf({ keeps, fields })] };
}

function resourceOf({ keeps = '', fields = SUGGESTED_FIELDS }: Keeps): {
  readonly name: string;
  readonly fields: readonly FieldAnswer[];
} {
  return { name: singular(kebabCase(keeps)), fields: parsePlainFields(fields) };
}

/** Why a resource or its fields cannot be used, or `true`, as Inquirer asks. */
function keepsProblem(keeps: Keeps): string | true {
  try {
    return answerProblem('resources', [resourceOf(keeps)]) ?? true;
  } catch (error) {
    if (error instanceof PlainFieldError) return error.message;
    throw error;
  }
}

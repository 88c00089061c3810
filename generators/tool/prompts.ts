import { TOOL_STATUSES } from '../../contracts/manifest.ts';
import answersSchema from './answers.schema.json' with { type: 'json' };
import { manifestSchema } from '../../contracts/manifest.ts';
import { answerProblem, suggestedAnswers, type Answers, type PartialAnswers } from './answers.ts';

/** Answers to prompt for; all others have a flag and a default. */
export const PROMPTED = answersSchema.required as readonly (keyof Answers)[];

/** Inquirer questions for missing answers, with the titles and rules of the schema. */
export function questionsFor(given: PartialAnswers): object[] {
  return PROMPTED.filter((field) => given[field] === undefined).map((field) => questionFor(field, given));
}

function questionFor(field: keyof Answers, given: PartialAnswers): object {
  const { title } = (manifestSchema.properties as Record<string, { title?: string }>)[field] ?? {};
  const suggestion = (typed: PartialAnswers): unknown =>
    field === 'id' ? undefined : suggestedAnswers({ ...given, ...typed })[field];
  const question = { name: field, message: `${title ?? field}:`, default: suggestion };
  if (field === 'status') return { ...question, type: 'select', choices: TOOL_STATUSES };
  return { ...question, type: 'input', validate: (value: string) => answerProblem(field, value) ?? true };
}

import path from 'node:path';
import { Ajv } from 'ajv';
import schema from './answers.schema.json' with { type: 'json' };
import { compileCheck, type SchemaCheck } from '../../contracts/schema-check.ts';
import { titleCase } from '../../templating/names.ts';
import { AnswersError } from '../answers-error.ts';

/** Input of the generator; the same for prompts, flags and an answers file. */
export interface Answers {
  /** Of the team or its product, for people. */
  readonly name: string;
  /** Version, tag, address or file of the platform's package, as npm takes it. */
  readonly package: string;
  /** Whether the tool inventory-tracker is added. */
  readonly example: boolean;
}

/** Unvalidated answers: any may be missing or invalid. */
export type PartialAnswers = Readonly<Partial<Record<keyof Answers, unknown>>>;

/** Answers to prompt for; all others have a flag and a default. */
export const PROMPTED = schema.required as readonly (keyof Answers)[];
export const TITLES: Readonly<Partial<Record<keyof Answers, { readonly title: string }>>> = schema.properties;

let compiled: SchemaCheck | undefined;

/** Compiled on first use, because `--help` needs no answers. */
const check: SchemaCheck = (answers) => (compiled ??= compileCheck(schema, { Ajv }))(answers);

/**
 * Parses untrusted input.
 * @param version of the platform, on which the default of `package` depends
 * @throws AnswersError with every problem
 */
export function parseAnswers(given: PartialAnswers, { version }: { readonly version: string }): Answers {
  const candidate = { package: `^${version}`, example: false, ...given };
  const problems = check(candidate);
  if (problems.length > 0) throw new AnswersError(problems);
  const answers = candidate as unknown as Answers;
  return { ...answers, name: answers.name.trim() };
}

/** Why a name is not valid, or `null`: for prompts while the user types. */
export function nameProblem(name: unknown): string | null {
  const problems = check({ name });
  return problems.length === 0 ? null : problems.map((p) => p.message).join('; ');
}

/** A name for the workspace in a folder. */
export function suggestedName(folder: string): string {
  const title = titleCase(path.basename(folder)).slice(0, 100);
  return title === '' ? 'Workspace' : title;
}

import { PlatformError } from '../../contracts/errors.ts';
import {
  AnswersError,
  parseAnswers,
  suggestedAnswers,
  type Answers,
  type PartialAnswers,
} from './answers.ts';
import { flagOf } from './flags.ts';
import { PROMPTED } from './prompts.ts';

/**
 * Completes the answers, or throws every problem in terms of flags.
 * @throws PlatformError `answers-missing` naming every missing field and its flag; `answers-invalid` with every
 * problem
 */
export function answersOrRefusal(given: PartialAnswers, options: { suggest: boolean }): Answers {
  const complete = options.suggest ? withSuggestions(given) : given;
  try {
    return parseAnswers(complete);
  } catch (error) {
    if (!(error instanceof AnswersError)) throw error;
    const wrong = error.problems.filter((p) => !error.missing.includes(p.pointer.slice(1)));
    const missing = PROMPTED.filter((field) => error.missing.includes(field));
    if (missing.length > 0 && wrong.length === 0)
      throw new PlatformError(
        'answers-missing',
        `Answers are missing and there is no terminal to prompt on:\n` +
          `${missing.map((field) => `  ${field} (${flagOf(field)})`).join('\n')}\n` +
          'Pass them as flags or with --answers=FILE, or add --yes to accept the suggestions.',
        { cause: error, errors: [] },
      );
    throw new PlatformError('answers-invalid', 'These answers are not valid:', {
      cause: error,
      errors: [
        ...wrong,
        ...missing.map((field) => ({ pointer: `/${field}`, message: `is missing (${flagOf(field)})` })),
      ],
    });
  }
}

/** The id has no suggestion. */
function withSuggestions(given: PartialAnswers): PartialAnswers {
  const suggested: Record<string, unknown> = { ...suggestedAnswers(given) };
  for (const [field, value] of Object.entries(given)) if (value !== undefined) suggested[field] = value;
  return suggested;
}

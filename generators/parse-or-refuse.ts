import { PlatformError } from '../contracts/errors.ts';
import { AnswersError } from './answers-error.ts';

/**
 * Parses complete answers, or throws every problem in terms of flags.
 *
 * @param prompted answers without a default; a terminal is asked for them
 * @param flagOf the flag of an answer, as its user would type it
 * @throws PlatformError `answers-missing` naming every missing answer and its flag; `answers-invalid` with every
 * problem
 */
export function parseOrRefuse<T, Name extends string>(
  parse: () => T,
  { prompted, flagOf }: { readonly prompted: readonly Name[]; readonly flagOf: (answer: Name) => string },
): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof AnswersError)) throw error;
    const wrong = error.problems.filter((p) => !error.missing.includes(p.pointer.slice(1)));
    const missing = prompted.filter((field) => error.missing.includes(field));
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

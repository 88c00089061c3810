import { parseOrRefuse } from '../parse-or-refuse.ts';
import { parseAnswers, suggestedAnswers, type Answers, type PartialAnswers } from './answers.ts';
import { flagOf } from './flags.ts';
import { PROMPTED } from './prompts.ts';

/**
 * Completes the answers, or throws every problem in terms of flags.
 * @throws PlatformError made by {@link parseOrRefuse}
 */
export function answersOrRefusal(given: PartialAnswers, options: { suggest: boolean }): Answers {
  const complete = options.suggest ? withSuggestions(given) : given;
  return parseOrRefuse(() => parseAnswers(complete), { prompted: PROMPTED, flagOf });
}

/** The id has no suggestion. */
function withSuggestions(given: PartialAnswers): PartialAnswers {
  const suggested: Record<string, unknown> = { ...suggestedAnswers(given) };
  for (const [field, value] of Object.entries(given)) if (value !== undefined) suggested[field] = value;
  return suggested;
}

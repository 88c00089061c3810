import { MISSING, type Problem } from '../contracts/schema-problem.ts';

/** Lists every problem of the answers, and the missing ones separately. */
export class AnswersError extends Error {
  override readonly name = 'AnswersError';
  readonly problems: readonly Problem[];
  readonly missing: readonly string[];
  constructor(problems: readonly Problem[]) {
    super(problems.map((p) => `${p.pointer || '/'}: ${p.message}`).join('\n'));
    this.problems = problems;
    this.missing = problems.filter((p) => p.message === MISSING).map((p) => p.pointer.slice(1));
  }
}

import type { ErrorRequestHandler } from 'express';
import { ERRORS } from '../../../contracts/errors.ts';
import { problemAnswers, TITLED_CODES, type ProblemTitles } from '../../../contracts/host/problem.ts';
import { requestIdOf } from '../../../contracts/host/request-id.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import { safeUrl } from '../../../contracts/host/safe-url.ts';

const TITLES = Object.fromEntries(
  TITLED_CODES.map((code) => [code, ERRORS[code].message]),
) as unknown as ProblemTitles;

const { sendProblem, answerNotFound, answerErrors } = problemAnswers(TITLES);
export { answerNotFound, sendProblem };

/** Answers whatever a tool or the platform throws. Faults are logged; errors that the caller caused are not. */
export function answerToolErrors({
  logger,
  showDetails,
}: {
  logger: ToolLogger;
  /** Whether callers may read the message of a fault (development). */
  showDetails: boolean;
}): ErrorRequestHandler {
  return answerErrors({
    showDetails,
    onFault(error, request, detail) {
      const { method, originalUrl } = request;
      logger.error(
        { err: error, requestId: requestIdOf(request), method, url: safeUrl(originalUrl) },
        detail,
      );
    },
  });
}

import type { RequestHandler } from 'express';
import { assignRequestId } from '../../../contracts/host/request-id.ts';

/** Gives every request an id. */
export const requestId: RequestHandler = (request, response, next) => {
  assignRequestId(request, response);
  next();
};
